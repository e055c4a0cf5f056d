"""A wrong word put anywhere into the visible text of a real article is found at exactly that place."""

import random
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from bureau import config
from checks import reading
from checks.rules import typo
from checks.source import Source, Surroundings
from checks.text.blocks import Block
from checks.text.places import Lines

ROOT = Path(__file__).parents[3]
ARTICLES = sorted((ROOT / "content").rglob("*.md"))
WRONG = "布署"


@cache
def around() -> Surroundings:
    return Surroundings(config.load(ROOT / "site.toml"), (), date(2026, 11, 25))


def read(text: str) -> Source:
    return reading.read("content/a.md", text.encode(), around())


def visible_places(source: Source, lines: Lines) -> list[tuple[Block, int]]:
    """Where a character of a block stands in the file as it is (not as an entity or escape)."""
    return [
        (block, at)
        for block in source.blocks
        if block.scope in ("body", "title")
        for at, char in enumerate(block.text)
        if at and source.text[lines.offset(*block.locate(at))] == char
        and source.text[lines.offset(*block.locate(at)) - 1] == block.text[at - 1]
    ]  # fmt: skip


DISGUISES = {
    "原样": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "BOM": lambda text: "\ufeff" + text,
}
FORMS = (WRONG, "**布**署", "布*署*", "布\u200b署", "<b>布</b>署", "[布署](/a.html)", "佈署")


@pytest.mark.parametrize("disguise", DISGUISES)
def test_it_is_found_at_exactly_its_place(disguise: str) -> None:
    chance = random.Random(disguise)
    for article in chance.sample(ARTICLES, 25):
        text = DISGUISES[disguise](article.read_text("utf-8").lstrip("\ufeff"))
        lines = Lines(text)
        places = visible_places(read(text), lines)
        for block, at in chance.sample(places, min(4, len(places))):
            form = chance.choice(FORMS) if block.scope == "body" and not block.key else WRONG
            offset = lines.offset(*block.locate(at))
            changed = text[:offset] + form + text[offset:]
            expected = Lines(changed).at(offset + form.index("佈" if "佈" in form else "布"))

            found = [one for one in typo.check_source(read(changed)) if one.suggestion == "部署"]

            told = {(one.place.line, one.place.column) for one in found}
            assert expected in told, (article.name, changed[offset - 12 : offset + 20])
