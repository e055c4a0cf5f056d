"""The same work in several processes: each takes its share and hands its result back as bytes."""

import os
import threading
from collections.abc import Callable

Work = Callable[[int, int], bytes]  # (share, of how many) -> result


def cores() -> int:
    return len(os.sched_getaffinity(0))


def spread(work: Work, processes: int) -> list[bytes]:
    """Results in the order of the shares. What goes wrong in one share is done again here, so that it is told as it is.

    Fork, because the catalog is then shared instead of copied; never beside other threads, where fork is unsafe.
    """
    if processes < 2 or threading.active_count() > 1:
        return [work(0, 1)]
    children = [_fork(work, share, processes) for share in range(1, processes)]
    results = [work(0, processes)]
    for share, (pid, pipe) in enumerate(children, 1):
        with os.fdopen(pipe, "rb") as stream:
            data = stream.read()
        _, status = os.waitpid(pid, 0)
        results.append(data if status == 0 else work(share, processes))
    return results


def alongside(question: Callable[[], bool]) -> Callable[[], bool]:
    """Ask now, hear the answer later: meanwhile another process works it out, where there is a second core for it."""
    if cores() < 2 or threading.active_count() > 1:
        answer = question()
        return lambda: answer
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            code = 0 if question() else 1
        finally:
            os._exit(code)
    return lambda: os.waitpid(pid, 0)[1] == 0


def _fork(work: Work, share: int, processes: int) -> tuple[int, int]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    code = 1
    try:
        os.close(reader)
        data = work(share, processes)
        with os.fdopen(writer, "wb") as stream:
            stream.write(data)
        code = 0
    finally:
        os._exit(code)  # nothing of the parent's clean-up may run here
