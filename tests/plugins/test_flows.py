"""Pelican's own flow and ours give the same bytes; and Pelican still has the doors that we go through."""

import inspect
import shutil
from pathlib import Path
from typing import Any

import pelican
import pytest
from pelican import Pelican, generators, signals
from pelican.readers import BaseReader, Readers
from pelican.settings import DEFAULT_CONFIG
from pelican.writers import Writer

from plugins.press import doors, settings

PROJECT = Path(__file__).parents[2]


def both_ways(project: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, bytes], dict[str, bytes]]:
    project.build(full=True)
    fast = project.files()
    monkeypatch.setenv("PORTAL_FAST", "0")
    project.build(full=True)
    return fast, project.files()


def test_the_stock_flow_gives_the_same_bytes_on_the_real_content(
    real_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, stock = both_ways(real_project, monkeypatch)

    assert sorted(fast) == sorted(stock)
    assert [file for file in fast if fast[file] != stock[file]] == []


@pytest.mark.parametrize("engine", ["comrak", "python-markdown"])
def test_the_stock_flow_gives_the_same_bytes_with_both_engines(
    project: Any, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    text = project.read("site.toml").replace('markdown = "comrak"', f'markdown = "{engine}"')
    project.write("site.toml", text)
    project.article(
        "xw/yw/2026/1003", "正文 {static}/a.png |x| ![](/a.png)\n\n- 甲\n- 乙\n", title="花括号 {date}"
    )
    project.article("xw/yw/2026/1004", status="withdrawn", withdrawn_reason="有误")
    project.article("xw/yw/2026/1005", status="draft")

    fast, stock = both_ways(project, monkeypatch)

    assert fast == stock


def test_after_the_stock_flow_the_fast_one_is_right(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fast, _ = both_ways(project, monkeypatch)
    monkeypatch.delenv("PORTAL_FAST")

    project.build()

    assert project.files() == fast


def test_a_setting_of_ones_own_chooses_the_stock_flow(project: Any) -> None:
    project.build()
    before = project.files()
    project.write("pelicanconf.py", project.read("pelicanconf.py") + "\nDEFAULT_PAGINATION = 10\n")

    project.build()

    assert list((project.root / "var/cache/build").glob("*.state")) == []
    assert project.files() == before


def test_the_plain_pelican_command_builds_the_site(project: Any) -> None:
    project.build()
    pelican.main(["-s", str(project.root / "pelicanconf.py"), "-q", "--fatal", "warnings"])

    plain = project.files("build/pelican")
    pages = {file: data for file, data in project.files("build/site").items() if file.endswith(".html")}
    assert {file: plain.get(file) for file in pages} == pages


def test_pelican_still_has_the_doors() -> None:
    """What doors.py and settings.py rely on, by name; a new Pelican that lacks one of them fails here first."""
    for signal in (
        "initialized",
        "readers_init",
        "get_generators",
        "get_writer",
        "article_generator_finalized",
    ):
        assert hasattr(signals, signal)
    source = "".join(path.read_text("utf-8") for path in Path(pelican.__file__).parent.glob("*.py"))
    for name in settings.settings(PROJECT):
        assert name in DEFAULT_CONFIG or f'"{name}"' in source, name
    assert hasattr(Readers(dict(DEFAULT_CONFIG)), "reader_classes")
    assert {"settings", "context", "output_path"} <= inspect.signature(
        generators.Generator.__init__
    ).parameters.keys()


# What doors.py puts in place of Pelican's own -> that, as Pelican calls it.
OVERRIDDEN = {
    "ArticleReader.read": (BaseReader.read, ["self", "source_path"]),
    "StockWriter.write_file": (
        Writer.write_file,
        ["self", "name", "template", "context", "relative_urls", "paginated", "template_name", "override_output", "url"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_what_is_overridden_is_called_as_before(name: str) -> None:
    method, parameters = OVERRIDDEN[name]
    found = inspect.signature(method).parameters.values()

    assert [row.name for row in found if row.kind is not row.VAR_KEYWORD] == parameters


def test_nothing_else_of_pelican_is_overridden() -> None:
    own = [row for row in vars(doors).values() if inspect.isclass(row) and row.__module__ == doors.__name__]
    found = {
        f"{row.__name__}.{name}"
        for row in own
        for name, value in vars(row).items()
        if inspect.isfunction(value) and any(name in vars(base) for base in row.__mro__[1:-1])
    }

    assert found == OVERRIDDEN.keys()


def test_pelican_asks_every_generator_that_has_it_for_its_output() -> None:
    source = inspect.getsource(Pelican.run)

    assert 'hasattr(p, "generate_output")' in source
    assert "p.generate_output(writer)" in source


def test_pelican_hands_an_article_to_the_writer_by_its_name() -> None:
    """StockWriter finds the page of an article in the keyword `article` of write_file."""
    source = inspect.getsource(generators.ArticlesGenerator.generate_articles)

    assert "article=article" in source
    assert doors.StockWriter.write_file is not Writer.write_file


def test_pelican_has_no_say_in_what_it_was_not_asked(project: Any) -> None:
    """Its own archives, author and category pages stay away."""
    shutil.rmtree(project.root / "build", ignore_errors=True)
    project.build()

    assert {path.name for path in (project.root / "build/site").iterdir()} == {
        "index.html", "404.html", "sitemap.html", "sitemap.xml", "robots.txt", "feed.xml", "xw", "about", "static",
    }  # fmt: skip
