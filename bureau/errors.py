"""Errors of our own work: a file that cannot be used. What is wrong with the site is a finding instead."""

from collections.abc import Iterable
from pathlib import Path


class ConfigError(Exception):
    """A file the bureau wrote cannot be used; printed as `file:line: message`, exit code 2."""

    def __init__(self, path: Path | str, message: str, line: int = 0) -> None:
        self.path, self.line, self.message = str(path), line, message
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")


class BuildErrors(ConfigError):  # noqa: N818 - several at once
    """Everything that keeps a build from going on, one `file:line: message` a line."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(sorted(set(errors), key=lambda error: (error.path, error.line, error.message)))
        first = self.errors[0]
        super().__init__(first.path, first.message, first.line)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))
