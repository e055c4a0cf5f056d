"""Group commit: of those who wait to write, one writes for all, and the disk is waited for once."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Together(Generic[Item]):
    """Items of several threads, written in groups; nobody returns before the own item's group is done.

    While a group waits for the disk the next one gathers, so a single writer loses nothing and many share a commit.
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._turn = threading.Lock()
        self._waiting: deque[tuple[Item, threading.Event]] = deque()

    def do(self, item: Item, write: Callable[[list[Item]], None]) -> None:
        """`write` settles every item of its group, failures included, and raises nothing."""
        done = threading.Event()
        self._waiting.append((item, done))
        with self._turn:
            while not done.is_set():
                group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                try:
                    write([item for item, _ in group])
                finally:
                    for _, written in group:
                        written.set()
