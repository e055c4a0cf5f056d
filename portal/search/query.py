"""Ask the search database: which articles, in which order, with which words marked, and what if there is none."""

import difflib
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from portal.search import folding, pinyin
from portal.search.excerpts import Parts, excerpt, marked
from portal.search.lines import Ids, Lines
from portal.search.tables import text_of

PAGE = 10
TEASED = 3  # of each group, on the page that shows all groups
_WORDS, _LENGTH = 8, 100  # more is cut off; nobody types it
# What citizens call the kinds of channels, in the order in which the groups stand.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "办事服务": ("service", "forms", "service-statistics"),
    "政策文件": ("policy",),
    "政策解读": ("interpretation",),
    "通知公告": ("notice",),
    "新闻动态": ("news", "topic"),
    "互动交流": ("faq", "mailbox", "interview", "consultation", "interaction"),
    "信息公开": (),  # _OTHERS
}
_GROUP_OF_KIND = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
_OTHERS = "信息公开"
_INVALID = ("失效", "废止")
_NAMES = tuple(GROUPS)
_SPELLED = "title text names"  # columns of the index; the fourth holds sounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    text: str
    group: str = ""
    channel: str = ""  # path; its sub-channels are meant too
    year: str = ""
    by_date: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    url: str
    title: Parts
    excerpt: Parts
    channel: str
    group: str
    published: str
    document_number: str
    validity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    question: Question
    total: int  # with all filters
    groups: Mapping[str, int]  # without the filter by group
    years: Mapping[str, int] = field(default_factory=dict)
    hits: Sequence[Hit] = ()
    by_group: Mapping[str, Sequence[Hit]] = field(
        default_factory=dict
    )  # the first of each, where all are shown
    names: Sequence[str] = ()  # nothing found: names that may have been meant
    related: Sequence[Hit] = ()  # nothing found: articles that share much of the query

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of the query with everything that counts as the same."""

    runs: tuple[str, ...]  # folded; the first is as typed
    sound: str  # syllables, when it was typed in letters

    @property
    def everywhere(self) -> str:
        """How FTS5 is asked for any of its spellings."""
        spelled = f"{{{_SPELLED}}} : ({' OR '.join(map(folding.phrase, self.runs))})"
        return f'({spelled} OR sound : "{self.sound}")' if self.sound else spelled


class _Catalog:
    """What ranking and filters need of every article, by its id; it stays in memory."""

    def __init__(self, rows: Sequence[tuple[Any, ...]], kinds: Mapping[str, str]) -> None:
        size = max((row[0] for row in rows), default=0) + 1
        self.years, self.groups, self.channels, self.order, self.standing = np.zeros((5, size), np.int64)
        self.paths = list(kinds)  # of the channels, in their order
        self.called: dict[str, list[int]] = {}  # by title and document number, folded
        place = {path: number for number, path in enumerate(self.paths)}
        newest_first = sorted(rows, key=lambda row: (row[1], row[2]), reverse=True)
        for age, (id_, published, _, channel, validity, number, title, _) in enumerate(newest_first):
            self.years[id_] = int(published[:4])
            self.groups[id_] = _NAMES.index(_GROUP_OF_KIND.get(kinds.get(channel, ""), _OTHERS))
            self.channels[id_] = place.get(channel, -1)
            self.order[id_] = age  # the newest is 0
            self.standing[id_] = age + size * (validity in _INVALID)  # what is no longer in force comes last
            self.called.setdefault(title, []).append(id_)
            if number:
                self.called.setdefault(folding.fold(number), []).append(id_)
        ids = [row[0] for row in rows]
        self._titles = Lines(ids, [title for *_, title, _ in rows])
        self._names = Lines(ids, [names for *_, names in rows])

    def tiers(self, words: Sequence[_Word], whole: str) -> Iterator[Ids | list[int]]:
        """What is better than a text that has the words, the best last: names, titles, titles with the words
        as typed, the very title or document number."""
        yield self._with_all(self._names, [word.runs for word in words])
        yield self._with_all(self._titles, [word.runs for word in words])
        yield self._with_all(self._titles, [word.runs[:1] for word in words])
        yield self.called.get(whole, [])

    def _with_all(self, lines: Lines, words: Sequence[Sequence[str]]) -> Ids:
        """Articles whose line has every word in one of its spellings."""
        everything = np.ones(len(self.order), bool)
        for runs in words:
            any_of = np.zeros_like(everything)
            for run in runs:
                any_of[lines.containing(run)] = True
            everything &= any_of
        return np.flatnonzero(everything)

    def below(self, channel: str) -> list[int]:
        """The channel and those below it, by their numbers."""
        return [number for number, path in enumerate(self.paths) if f"{path}/".startswith(f"{channel}/")]


class Searcher:
    """One database, opened for reading; it is never written to while it is open."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        uri = f"file:{path.resolve().as_posix()}?mode=ro"
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        channels = self._rows("SELECT path, name, kind FROM channels ORDER BY place")
        self.channels: Mapping[str, str] = {path: name for path, name, _ in channels}
        rows = self._rows(
            "SELECT id, published, url, channel, validity, document_number, folded_title, folded_names FROM documents"
        )
        self._catalog = _Catalog(rows, {path: kind for path, _, kind in channels})
        self.years: Sequence[str] = [f"{year}" for year in np.unique(self._catalog.years)[::-1] if year]
        self._meanings: dict[str, list[str]] = {}
        for word, other in self._rows(
            "SELECT a.word, b.word FROM same AS a JOIN same AS b ON a.meaning = b.meaning AND a.word <> b.word"
        ):
            self._meanings.setdefault(word, []).append(other)

    def close(self) -> None:
        self._database.close()

    def ask(self, question: Question) -> Answer:
        words = self._words(question.text)
        if not words:
            return Answer(question=question, total=0, groups={})
        found = self._filtered(self._matching([word.everywhere for word in words]), question)
        groups = self._catalog.groups[found]
        counts = np.bincount(groups, minlength=len(_NAMES)).tolist()
        counted = {name: count for name, count in zip(_NAMES, counts, strict=True) if count}
        if question.group:
            found = found[groups == _NAMES.index(question.group)]
        if not len(found):
            return self._nothing(question, words, counted)
        ranked = self._ranked(found, words, question)
        page = ranked[(question.page - 1) * PAGE : question.page * PAGE].tolist()
        teased = self._teased(ranked) if _shows_all(question) and len(counted) > 1 else {}
        hits = self._hits({*page, *chain.from_iterable(teased.values())}, words)
        years = np.bincount(self._catalog.years[found])
        return Answer(
            question=question,
            total=len(ranked),
            groups=counted,
            years={f"{year}": int(years[year]) for year in np.flatnonzero(years)},
            hits=[hits[id_] for id_ in page],
            by_group={name: [hits[id_] for id_ in first] for name, first in teased.items()},
        )

    def _words(self, text: str) -> list[_Word]:
        words = []
        for typed in text[:_LENGTH].split()[:_WORDS]:
            run = folding.fold(typed)
            if run:
                sound = pinyin.split(run) if run.isascii() and len(run) > 1 else ""
                words.append(_Word((run, *self._meanings.get(run, ())), sound))
        return words

    def _matching(self, asked: Sequence[str]) -> Ids:
        with self._lock:
            (ids,) = self._database.execute(  # one row: thousands take longer to hand over than to find
                "SELECT group_concat(rowid) FROM terms WHERE terms MATCH ?", [" AND ".join(asked)]
            ).fetchone()
        return np.fromstring(ids or "", np.int64, sep=",")

    def _filtered(self, ids: Ids, question: Question) -> Ids:
        if question.year:
            ids = ids[self._catalog.years[ids] == int(question.year)]
        if question.channel:
            ids = ids[np.isin(self._catalog.channels[ids], self._catalog.below(question.channel))]
        return ids

    def _ranked(self, ids: Ids, words: Sequence[_Word], question: Question) -> Ids:
        """The very title or document number first, then titles with the words as typed, then titles and names with words that mean
        the same, then texts. What is in force comes before what is not, the new before the old."""
        catalog = self._catalog
        if question.by_date:
            return ids[np.argsort(catalog.order[ids])]
        key = catalog.standing.copy()
        for number, tier in enumerate(catalog.tiers(words, folding.fold(question.text)), 1):
            key[tier] = catalog.standing[tier] - 2 * number * len(key)
        return ids[np.argsort(key[ids])]

    def _teased(self, ranked: Ids) -> dict[str, list[int]]:
        """The first of each group; the group of the best hit stands first."""
        groups = self._catalog.groups[ranked]
        first = {group: np.flatnonzero(groups == group)[:TEASED] for group in np.unique(groups)}
        in_order = sorted(first.items(), key=lambda row: row[1][0])
        return {_NAMES[group]: ranked[places].tolist() for group, places in in_order}

    def _hits(self, ids: Collection[int], words: Sequence[_Word]) -> dict[int, Hit]:
        runs = [run for word in words for run in word.runs]
        marks = ", ".join("?" * len(ids))
        rows = self._rows(
            f"SELECT id, url, title, channel, published, document_number, validity, summary, text"  # noqa: S608
            f" FROM documents WHERE id IN ({marks})",
            *ids,
        )
        return {
            id_: Hit(
                url=url, title=marked(title, runs), excerpt=excerpt(text_of(text), summary, runs),
                channel=self.channels.get(channel, channel), group=_NAMES[self._catalog.groups[id_]], published=published,
                document_number=number, validity=validity,
            )
            for id_, url, title, channel, published, number, validity, summary, text in rows
        }  # fmt: skip

    def _nothing(self, question: Question, words: Sequence[_Word], groups: Mapping[str, int]) -> Answer:
        run = "".join(word.runs[0] for word in words)
        related = self._related(run)
        hits = self._hits(related, words)
        return Answer(
            question=question,
            total=0,
            groups=groups,
            names=self._similar_names(run),
            related=[hits[id_] for id_ in related],
        )

    def _similar_names(self, run: str) -> list[str]:
        """Names that sound the same, then those written much alike."""
        sound = pinyin.joined(run) or run
        names = [name for (name,) in self._rows("SELECT name FROM names WHERE sound = ?", sound)]
        every = [name for (name,) in self._rows("SELECT name FROM names")]
        near = difflib.get_close_matches(run, every, 5, 0.5)
        return [name for name in dict.fromkeys([*names, *near]) if folding.fold(name) != run][:5]

    def _related(self, run: str) -> list[int]:
        """Articles with at least half of the query's pairs of characters, those with the most first."""
        order = self._catalog.order
        pairs = {run[at : at + 2] for at in range(len(run) - 1)}
        shared = np.zeros_like(order)
        for pair in pairs:
            shared[self._matching([f'"{pair}"'])] += 1
        enough = np.flatnonzero(shared * 2 >= max(len(pairs), 1))
        best: list[int] = enough[np.lexsort((order[enough], -shared[enough]))][:5].tolist()
        return best

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()


def _shows_all(question: Question) -> bool:
    return not question.group and not question.by_date and question.page == 1
