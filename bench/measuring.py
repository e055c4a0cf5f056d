"""Whole processes, measured from outside: wall time, processor time, peak memory."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEASURED = Path(__file__).with_name("measured.py")


@dataclass(frozen=True, slots=True)
class Run:
    wall: float  # seconds
    cpu: float  # seconds, user and system, of the process and all it waited for
    memory: float  # MiB, peak of the largest process


def run(
    command: Sequence[str],
    *,
    cores: Sequence[int],
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Raises RuntimeError with the command's own words when it fails."""
    receive, send = os.pipe()
    pinned = ["taskset", "-c", ",".join(map(str, cores)), *command]
    with open(receive) as answer:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", str(MEASURED), str(send), *pinned],
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                pass_fds=[send],
            )
        finally:
            os.close(send)
        took = answer.read()
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2000:]}")
    return Run(**json.loads(took))


def alternating(contestants: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """A B C A B C …, so that what else the machine does falls on all alike."""
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            runs[name].append(contestant())
    return runs


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def ratio(ours: Sequence[Run], theirs: Sequence[Run], what: Callable[[Run], float]) -> float:
    """Median of the ratios of runs that stood side by side."""
    return median([what(one) / what(other) for one, other in zip(ours, theirs, strict=True)])


def line(name: str, runs: Sequence[Run]) -> str:
    wall, cpu = (median([getattr(row, key) for row in runs]) for key in ("wall", "cpu"))
    memory = max(row.memory for row in runs)
    return f"  {name:<28} {wall:8.2f} s  cpu {cpu:8.2f} s  {memory:7.0f} MiB"
