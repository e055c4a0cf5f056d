"""Runs one command and writes what it took, as JSON, to a file descriptor: `measured.py FD COMMAND…`.

A process of its own, because Linux counts the memory of whoever starts a command as the command's own peak:
started by a benchmark that holds its texts, everything would look as large as the benchmark.
"""

import json
import os
import subprocess
import sys
import time


def main(answer: int, command: list[str]) -> int:
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    took = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}
    with os.fdopen(answer, "w") as file:
        json.dump(took, file)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
