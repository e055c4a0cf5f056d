"""Offsets of a file as lines and columns, and the alignment of shown text with the written one."""

import re
from bisect import bisect_right
from html import unescape

from checks.finding import Place
from checks.text.blocks import Run

_ENTITY = re.compile(r"&(?:#[xX]?[0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);?")
_LINE_START = re.compile(r"[ \t]*(?:>[ \t]*)*")


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        self._starts += [match.end() for match in re.finditer(r"\n", text)]

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        return self._starts[min(line, len(self._starts)) - 1] + column - 1

    def place(self, path: str, start: int, end: int) -> Place:
        line, column = self.at(start)
        end_line, end_column = self.at(max(start, end - 1))
        return Place(path, line, column, end_line, end_column + 1)


def align(shown: str, written: str, cursor: int, limit: int) -> tuple[list[tuple[int, int]], int]:
    """Find `shown` in `written[cursor:limit]` though escapes, entities and markup stand between its characters.

    Gives (offset in shown, offset in written) pairs from which on both run alike, and where it ended.
    """
    limit = min(limit, len(written))  # a lone carriage return ends a line for the renderer alone
    pairs: list[tuple[int, int]] = []
    offset = 0
    for number, line in enumerate(shown.split("\n")):
        if number:
            offset += 1
            newline = written.find("\n", cursor, limit)
            if newline >= 0:
                pairs.append((offset - 1, newline))
                opening = _LINE_START.match(written, newline + 1)
                cursor = opening.end() if opening else newline + 1
        found = written.find(line, cursor, limit) if line else cursor
        if found >= 0 and (found == cursor or len(line) > 3):
            pairs.append((offset, found))
            cursor = found + len(line)
        else:
            part, cursor = _align_characters(line, written, cursor, limit)
            pairs += [(offset + at, place) for at, place in part]
        offset += len(line)
    return pairs, cursor


def _align_characters(line: str, written: str, cursor: int, limit: int) -> tuple[list[tuple[int, int]], int]:
    pairs: list[tuple[int, int]] = []
    expected = -1
    at = 0
    while at < len(line):
        place, end, width = _next(line, at, written, cursor, limit)
        if place < 0:  # not written in the file (made by the renderer): stay where we are
            pairs.append((at, min(cursor, max(0, limit - 1))))
            at += 1
            continue
        if place != expected:
            pairs.append((at, place))
        cursor = end
        expected = end if end - place == width else -1
        at += width
    return pairs, cursor


def _next(line: str, at: int, written: str, cursor: int, limit: int) -> tuple[int, int, int]:
    """Where the character line[at] stands at or after the cursor: its start, its end, characters shown."""
    place = cursor
    while place < limit:
        if written[place] == "&" and (entity := _ENTITY.match(written, place)):
            value = unescape(entity[0])
            if value != entity[0] and line.startswith(value, at):
                return place, entity.end(), len(value)
        if written[place] == line[at]:
            return place, place + 1, 1
        place += 1
    return -1, cursor, 1


def runs(pairs: list[tuple[int, int]], lines: Lines) -> tuple[Run, ...]:
    """Pairs as runs; those that only go on from the one before are left out."""
    made: list[Run] = []
    for offset, place in pairs:
        line, column = lines.at(place)
        last = made[-1] if made else None
        if last and last.offset == offset:
            made[-1] = Run(offset, line, column)
        elif not last or (last.line, last.column + offset - last.offset) != (line, column):
            made.append(Run(offset, line, column))
    return tuple(made) or (Run(0, 1, 1),)
