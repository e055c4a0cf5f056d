"""The passage of a text that shows why it was found, with the words marked."""

from collections.abc import Iterable, Sequence
from html import escape

from portal.search import folding

Parts = tuple[tuple[str, bool], ...]  # pieces of text, and whether each is one of the words looked for

_BEFORE, _LENGTH = 24, 110


def marked(text: str, runs: Sequence[str]) -> Parts:
    return _parts(text, _spans(text, runs))


def excerpt(text: str, summary: str, runs: Sequence[str]) -> Parts:
    """Around the first place of a word; else the summary or the beginning of the text."""
    for block in text.split("\n"):
        spans = _spans(block, runs)
        if spans:
            start = max(0, spans[0][0] - _BEFORE)
            end = start + _LENGTH
            inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end]
            parts = _parts(block[start:end], inside)
            return (*_dots(start > 0), *parts, *_dots(end < len(block)))
    said = summary or text.replace("\n", " ")
    return (*marked(said[:_LENGTH], runs), *_dots(len(said) > _LENGTH))


def as_html(parts: Parts) -> str:
    return "".join(f"<mark>{escape(text)}</mark>" if found else escape(text) for text, found in parts)


def as_text(parts: Parts) -> str:
    return "".join(text for text, _ in parts)


def _spans(text: str, runs: Iterable[str]) -> list[tuple[int, int]]:
    """Where the words stand, in order, overlapping ones joined."""
    found = []
    folded = folding.fold(text)
    if any(run in folded for run in runs):
        folded, places = folding.fold_with_places(text)
        for run in runs:
            start = folded.find(run)
            while start >= 0:
                found.append((places[start], places[start + len(run) - 1] + 1))
                start = folded.find(run, start + len(run))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _parts(text: str, spans: Iterable[tuple[int, int]]) -> Parts:
    parts, done = [], 0
    for start, end in spans:
        parts += [(text[done:start], False), (text[start:end], True)]
        done = end
    return tuple((piece, found) for piece, found in [*parts, (text[done:], False)] if piece)


def _dots(needed: bool) -> Parts:
    return (("…", False),) if needed else ()
