"""A private PostgreSQL cluster on a socket in a temporary folder, for measuring and for tests."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg


@dataclass(frozen=True, slots=True)
class Cluster:
    programs: Path
    folder: Path  # short: a socket's path has 107 bytes
    options: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def empty_database(self) -> str:
        """The address of a new one."""
        name = f"m{secrets.token_hex(4)}"
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.address.replace("/postgres?", f"/{name}?")

    def create(self) -> None:
        self._run("initdb", "-A", "trust", "-U", "postgres", "-N")

    def start(self) -> None:
        settings = ("listen_addresses=", "max_connections=200", *self.options)
        options = " ".join([f"-k {self.folder}", *(f"-c {setting}" for setting in settings)])
        self._run("pg_ctl", "start", "-w", "-l", f"{self.folder}/log", "-o", options)

    def stop(self, how: str = "immediate") -> None:
        self._run("pg_ctl", "stop", "-m", how)

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(self.programs / program), "-D", f"{self.folder}/data", *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def cluster(*options: str) -> Iterator[Cluster | None]:
    """Running; None when PostgreSQL is not installed. `options` are settings like `fsync=off`."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    made = Cluster(programs[-1], folder, options)
    try:
        made.create()
        made.start()
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
