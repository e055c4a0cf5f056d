"""Group commit: one thread writes for all who wait, and the disk is waited for once."""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Together(Generic[Item]):
    """Items of several callers, written in groups; no item's future is done before its group is.

    While a group waits for the disk the next one gathers, so a single writer loses nothing and many share a commit.
    After a group of several the next one is given a moment: those who were answered together come back together.
    """

    GATHER = 0.003  # seconds

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._last = 0  # size of the last group
        self._waiting: deque[tuple[Item, Future[None]]] = deque()
        self._writer = ThreadPoolExecutor(1, "together")
        self._is_writing = False
        self._lock = threading.Lock()  # over the two above

    def put(self, item: Item, write: Callable[[list[Item]], None]) -> "Future[None]":
        """`write` settles every item of its group, failures included, and raises nothing."""
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()  # who no longer waits for it takes nothing back
        with self._lock:
            self._waiting.append((item, done))
            if not self._is_writing:
                self._is_writing = True
                self._writer.submit(self._work, write)
        return done

    def _work(self, write: Callable[[list[Item]], None]) -> None:
        while group := self._next():
            try:
                write([item for item, _ in group])
            except BaseException as error:
                for _, done in group:
                    done.set_exception(error)
            else:
                for _, done in group:
                    done.set_result(None)

    def _next(self) -> list[tuple[Item, "Future[None]"]]:
        """Empty when nobody waits; then the next one starts the writer again."""
        if len(self._waiting) < self._last:
            time.sleep(self.GATHER)
        with self._lock:
            group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            self._last, self._is_writing = len(group), bool(group)
        return group
