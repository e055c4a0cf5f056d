"""Errors of our own work: a file that cannot be used. What is wrong with the site is a finding instead."""

from pathlib import Path


class ConfigError(Exception):
    """A file the bureau wrote cannot be used; printed as `file:line: message`, exit code 2."""

    def __init__(self, path: Path | str, message: str, line: int = 0) -> None:
        self.path, self.line, self.message = str(path), line, message
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
