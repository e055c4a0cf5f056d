"""Group commit: of those who wait to write, one writes for all, and the disk is waited for once."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Together(Generic[Item]):
    """Items of several threads, written in groups; nobody returns before the own item's group is done.

    While a group waits for the disk the next one gathers, so a single writer loses nothing and many share a commit.
    After a group of several the next one is given a moment: those who were answered together come back together.
    """

    GATHER = 0.003  # seconds

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._turn = threading.Lock()
        self._last = 0  # size of the last group
        self._waiting: deque[tuple[Item, threading.Event]] = deque()

    def do(self, item: Item, write: Callable[[list[Item]], None]) -> None:
        """`write` settles every item of its group, failures included, and raises nothing."""
        done = threading.Event()
        self._waiting.append((item, done))
        with self._turn:
            while not done.is_set():
                if len(self._waiting) < self._last:
                    time.sleep(self.GATHER)
                group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                self._last = len(group)
                try:
                    write([item for item, _ in group])
                finally:
                    for _, written in group:
                        written.set()
