"""Write messages to a file instead of sending them: for a first start and for tests.

One JSON object a line: `{"at", "channel", "to", "template", "vars", "text"}`. A line is written at once and whole,
so a killed process leaves none half; nobody waits for the disk, which letters need.
"""

import fcntl
import os
from pathlib import Path

import msgspec

from mailbox_api.gateways import Accepted, Answer, Fate, Message, Refused, Why


class FileGateway:
    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message) -> Answer:
        line = msgspec.json.encode(self._record(message)) + b"\n"
        try:
            handle = self._open()
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            return Refused(Why.TRANSIENT, error.strerror or "OSError")
        return Accepted()

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def query(self, message: Message) -> Fate:
        """A dispatcher died while writing: the line is there or it is not."""
        wanted = self._record(message)
        wanted.pop("at")
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return Fate.ABSENT
        since = message.first_try_at.isoformat()
        for line in reversed(lines):
            record = msgspec.json.decode(line)
            if record.pop("at") < since:
                break
            if record == wanted:
                return Fate.DELIVERED
        return Fate.ABSENT

    @staticmethod
    def _record(message: Message) -> dict[str, object]:
        return {
            "at": message.at.isoformat(),
            "channel": message.channel,
            "to": message.to,
            "template": message.template,
            "vars": dict(message.vars),
            "text": message.text,
        }
