"""Names as they are stored, each with the words people read."""

from enum import StrEnum
from typing import Self


class Worded(StrEnum):
    """A member is written as `NAME = "stored", "shown"`."""

    text: str

    def __new__(cls, value: str, text: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member
