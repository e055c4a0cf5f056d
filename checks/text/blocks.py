"""A run of visible text, every character of which knows where it stands in its file."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from checks.finding import Place

Scope = Literal["title", "body", "meta", "alt", "attachment"]


@dataclass(frozen=True, slots=True)
class Run:
    """From `offset` of the text on, one character of text is one column of the file."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Block:
    """What a reader sees as one piece: a paragraph, a cell, a heading, a value of the head.

    Markup inside a word is dropped; code, URLs and attributes other than `alt` and `title` are left out.
    A line break inside a paragraph is `\\n`. `key` names the front-matter key of a `title` or `meta` block.
    """

    path: str
    text: str
    scope: Scope
    runs: tuple[Run, ...]  # ascending; the first has offset 0
    key: str = ""
    quoted: bool = False  # inside a block quotation (引文)
    heading: int = 0  # level of a heading, else 0

    def locate(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at `offset`."""
        run = self.runs[bisect_right(self.runs, offset, key=lambda run: run.offset) - 1]
        return run.line, run.column + offset - run.offset

    def place(self, start: int, end: int) -> Place:
        """The span of `text[start:end]` in the file; the end lies behind its last character."""
        line, column = self.locate(start)
        end_line, end_column = self.locate(max(start, end - 1))
        return Place(self.path, line, column, end_line, end_column + 1)
