"""The shipped word lists: every row is unique, finds its own wrong form, heeds its guards, spares right forms."""

import re
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

from checks.finding import Severity
from checks.text import folding, lexicon
from checks.text.compiled import Hit, Lexicon
from checks.text.lexicon import Entry

TODAY = date(2026, 11, 25)
DOCS = Path(__file__).parents[3] / "docs" / "words.md"
BLOCKING = frozenset({Severity.VETO, Severity.ERROR})
BREAK = "\n"


@cache
def by_file() -> dict[str, list[Entry]]:
    return {path.name: lexicon.read(path) for path in sorted(lexicon.FOLDER.glob("*.tsv"))}


@cache
def entries() -> tuple[Entry, ...]:
    return tuple(entry for rows in by_file().values() for entry in rows)


@cache
def shipped() -> Lexicon:
    return Lexicon(entries(), TODAY)


def hits_of(sentences: list[tuple[Entry, str]]) -> dict[int, list[Hit]]:
    """The hits in each sentence by its number, offsets counted from its beginning; one scan for all."""
    text = BREAK.join(sentence for _, sentence in sentences)
    starts = [0]
    for _, sentence in sentences:
        starts.append(starts[-1] + len(sentence) + len(BREAK))
    found: dict[int, list[Hit]] = {}
    at = 0
    for hit in shipped().scan(text):
        while hit.start >= starts[at + 1]:
            at += 1
        found.setdefault(at, []).append(Hit(hit.entry, hit.start - starts[at], hit.end - starts[at]))
    return found


def complained() -> list[Entry]:
    return [entry for entry in entries() if entry.severity is not None and entry.in_force(TODAY)]


def test_no_word_stands_in_two_rows() -> None:
    rows = [(entry.wrong, entry.severity is None, entry.scopes, entry.since) for entry in entries()]

    assert [key[0] for key, times in Counter(rows).items() if times > 1] == []


def test_each_wrong_form_is_found_by_its_own_row() -> None:
    sentences = [(entry, f"他写的是：{entry.wrong}，{' '.join(entry.near[:1])}。") for entry in complained()]
    hits = hits_of(sentences)

    missed = [
        entry.wrong
        for number, (entry, _) in enumerate(sentences)
        if not any(
            hit.entry is entry and (hit.start, hit.end) == (5, 5 + len(entry.wrong))
            for hit in hits.get(number, [])
        )
        and "：" not in entry.before
        and "，" not in entry.after
    ]

    assert missed == []


def test_guards_keep_a_row_silent() -> None:
    guarded = [
        (entry, f"写作：{before}{entry.wrong}{after}。")
        for entry in complained()
        for before, after in [*((text, "") for text in entry.before), *(("", text) for text in entry.after)]
    ]
    hits = hits_of(guarded)

    alarmed = [
        sentence for number, (entry, sentence) in enumerate(guarded)
        if any(hit.entry is entry for hit in hits.get(number, []))
    ]  # fmt: skip

    assert guarded
    assert alarmed == []


def test_right_forms_alarm_nobody() -> None:
    rights = [
        (entry, f"写作：{entry.right}。")
        for entry in complained()
        if entry.severity in BLOCKING and entry.right and not entry.right.startswith("（")
    ]
    hits = hits_of(rights)

    alarmed = [
        f"{entry.wrong}→{entry.right}：{hit.entry.wrong}"
        for number, (entry, _) in enumerate(rights)
        for hit in hits.get(number, [])
        if hit.entry.severity in BLOCKING
    ]

    assert alarmed == []


def test_no_list_is_smaller_than_documented() -> None:
    told = {
        name: int(size)
        for name, size in re.findall(r"^\| `([\w-]+\.tsv)` \| (\d+) \|", DOCS.read_text("utf-8"), re.M)
    }
    sizes = {name: len(rows) for name, rows in by_file().items()}

    assert told.keys() == sizes.keys()
    assert [name for name, size in told.items() if sizes[name] < size] == []


def test_what_is_found_only_folded_is_written_folded() -> None:
    unfolded = [
        entry.wrong for entry in entries() if entry.kind == "typo" and not folding.is_folded(entry.wrong)
    ]

    assert unfolded == []
