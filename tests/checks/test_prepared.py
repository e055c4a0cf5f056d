"""What is kept prepared: the same as made anew, never believed when damaged or foreign, never in anybody's way."""

import os
import pickle
import zlib
from datetime import date
from pathlib import Path

import pytest

from checks import prepared
from checks.text import collocations, phrases, words
from checks.text.compiled import OnePass

TEXT = "各单位要认真布署防汛工作，中华人共和国，综合治里，习进平，建设美丽昆名。"
FILE = Path("var/cache/words.prepared")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make() -> OnePass:
    return OnePass(words.of_site("", date(2026, 11, 25)), (phrases.shipped(),), collocations.shipped())


def never() -> OnePass:
    raise AssertionError("made again")


def test_what_is_kept_finds_just_what_was_made() -> None:
    made = prepared.prepared("words", "today", make)

    kept = prepared.prepared("words", "today", never)

    assert made.scan(TEXT) == kept.scan(TEXT) == make().scan(TEXT)
    assert made.scan(TEXT)[0]


@pytest.mark.parametrize("at", [0, 17, 25, -1])
def test_a_damaged_file_is_made_anew(at: int) -> None:
    prepared.prepared("words", "", lambda: ("a", 1))
    content = bytearray(FILE.read_bytes())
    content[at] ^= 1
    FILE.write_bytes(content)

    assert prepared.prepared("words", "", lambda: ("b", 2)) == ("b", 2)
    assert prepared.prepared("words", "", never) == ("b", 2)


def test_half_a_file_is_made_anew() -> None:
    prepared.prepared("words", "", lambda: ("a", 1))
    FILE.write_bytes(FILE.read_bytes()[:-3])

    assert prepared.prepared("words", "", lambda: ("b", 2)) == ("b", 2)


def test_what_was_made_of_other_data_or_by_another_program_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepared.prepared("words", "today", lambda: ("a", 1))

    assert prepared.prepared("words", "tomorrow", lambda: ("b", 2)) == ("b", 2)
    monkeypatch.setattr(prepared, "_program", lambda: "another")
    assert prepared.prepared("words", "tomorrow", lambda: ("c", 3)) == ("c", 3)


class _Planted:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("planted",)


def test_nothing_planted_in_the_file_is_executed() -> None:
    prepared.prepared("words", "", lambda: ("a", 1))
    body = pickle.dumps(_Planted())
    FILE.write_bytes(FILE.read_bytes()[:16] + zlib.crc32(body).to_bytes(4, "big") + body)

    assert prepared.prepared("words", "", lambda: ("b", 2)) == ("b", 2)
    assert not Path("planted").exists()


def test_where_nothing_can_be_written_it_is_made_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("var").write_text("no folder", "utf-8")
    assert prepared.prepared("words", "", lambda: ("a", 1)) == ("a", 1)
    assert prepared.prepared("words", "", lambda: ("b", 2)) == ("b", 2)
    Path("var").unlink()

    monkeypatch.setattr(prepared.shutil, "disk_usage", lambda _: _Full())
    assert prepared.prepared("words", "", lambda: ("c", 3)) == ("c", 3)
    assert not FILE.exists()


class _Full:
    free = 100
