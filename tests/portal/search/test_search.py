"""Search on the real content: whatever is on a page is found, titles come first, nothing leads nowhere."""

import json
import random
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
import turbohtml
from starlette.testclient import TestClient

from bureau.errors import ConfigError
from portal import pieces
from portal.build import build
from portal.published import Shopwindow
from portal.search import counts, excerpts, folding, index, pinyin, query, tables, thesaurus
from portal.search.documents import Document
from portal.search.pages import SearchDesk
from portal.search.query import Answer, Question, Searcher
from portal.shell import closed_mailbox
from portal.web import create_app

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("search")
    shutil.copy(ROOT / "site.toml", root)
    for name in ("content", "theme"):
        shutil.copytree(ROOT / name, root / name)
    build(root)
    index.update(root)
    return root


@pytest.fixture(scope="module")
def searcher(root: Path) -> Searcher:
    return Searcher(root / index.CACHE)


def every_url(searcher: Searcher, text: str) -> set[str]:
    """All pages of the answer, not only the first."""
    first = searcher.ask(Question(text=text))
    answers = [
        searcher.ask(Question(text=text, page=page, by_date=True)) for page in range(1, first.pages + 1)
    ]
    found = {hit.url for answer in answers for hit in answer.hits}
    assert len(found) == first.total
    return found


@pytest.fixture(scope="module")
def blocks(root: Path) -> dict[str, list[str]]:
    """What readers see on each article: its title and the blocks of its text, taken from the built page."""
    pages = json.loads((root / "build/manifest.json").read_text("utf-8"))["pages"]
    seen = {}
    for page in pages:
        if page["kind"] == "article":
            html = turbohtml.parse((root / "build/site" / page["file"]).read_text("utf-8"))
            found = html.select(
                "h1, .prose p, .prose li, .prose td, .prose th, .prose h2, .prose h3, .prose figcaption"
            )
            seen[page["url"]] = [block.text for block in found]
    return seen


def test_every_piece_of_text_is_found_wherever_it_stands(
    searcher: Searcher, blocks: dict[str, list[str]]
) -> None:
    chance = random.Random(20261125)
    runs = {url: [folding.fold(block) for block in found] for url, found in blocks.items()}
    long_enough = [run for found in runs.values() for run in found if len(run) >= 6]
    missed = {}
    for _ in range(300):
        run = chance.choice(long_enough)
        length = chance.choice((2, 2, 3, 4, 5, 6))
        start = chance.randrange(len(run) - length + 1)
        piece = run[start : start + length]
        truth = {url for url, found in runs.items() if any(piece in one for one in found)}
        if lost := truth - every_url(searcher, piece):
            missed[piece] = lost

    assert missed == {}


def test_every_title_finds_its_article_on_the_first_page(
    searcher: Searcher, blocks: dict[str, list[str]]
) -> None:
    for url, found in blocks.items():
        assert url in {hit.url for hit in searcher.ask(Question(text=found[0])).hits}, found[0]


def test_document_numbers_are_exact_whatever_brackets_are_typed(root: Path, searcher: Searcher) -> None:
    rows = sqlite3.connect(root / index.CACHE).execute(
        "SELECT document_number, url FROM documents WHERE document_number <> ''"
    )
    for number, url in rows.fetchall():
        for typed in (
            number,
            number.replace("〔", "[").replace("〕", "]"),
            number.replace("〔", "（").replace("〕", "）"),
        ):
            answer = searcher.ask(Question(text=typed))
            assert answer.hits[0].url == url, typed
            assert not answer.by_group or next(iter(answer.by_group.values()))[0].url == url, typed


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        pytest.param("打车", "网络预约出租汽车", id="同义词"),
        pytest.param("驾校", "驾驶员培训", id="俗称"),
        pytest.param("農村公路", "农村公路", id="繁体"),
        pytest.param("nongcungonglu", "农村公路", id="拼音"),
        pytest.param("ＫＭ２０２６", None, id="全角"),
    ],
)
def test_other_ways_to_write_it_find_the_same(searcher: Searcher, typed: str, finds: str | None) -> None:
    answer = searcher.ask(Question(text=typed))

    if finds is None:
        assert every_url(searcher, typed) == every_url(searcher, "km2026")
    else:
        assert any(
            finds in excerpts.as_text(hit.title) for group in answer.by_group.values() for hit in group
        )


def test_filters_and_groups_add_up(searcher: Searcher) -> None:
    everything = searcher.ask(Question(text="公路"))

    assert sum(everything.groups.values()) == everything.total == sum(everything.years.values())
    for group, count in everything.groups.items():
        assert searcher.ask(Question(text="公路", group=group)).total == count
    for year, count in everything.years.items():
        assert searcher.ask(Question(text="公路", year=year)).total == count
    in_channel = searcher.ask(Question(text="公路", channel="zwgk", by_date=True))
    assert 0 < in_channel.total < everything.total
    assert all(hit.url.startswith("/zwgk/") for hit in in_channel.hits)
    dates = [hit.published for hit in in_channel.hits]
    assert dates == sorted(dates, reverse=True)


class Plain:
    """The truth to hold answers against: every article is read for every question."""

    def __init__(self, root: Path, searcher: Searcher) -> None:
        database = sqlite3.connect(root / index.CACHE)
        rows = database.execute(f"SELECT {', '.join(tables.COLUMNS)} FROM documents")
        documents = sorted(
            (tables.article(row)[0] for row in rows), key=lambda one: (one.published, one.url), reverse=True
        )
        self.kinds = dict(database.execute("SELECT path, kind FROM channels"))
        self.meanings = searcher._meanings
        self.read = [
            (one, folding.fold(one.title), *map(self._folded, self._texts(one))) for one in documents
        ]

    @staticmethod
    def _texts(one: Document) -> tuple[Iterable[str], Iterable[str]]:
        return one.names, [one.summary, *one.text.split("\n"), one.department]

    @staticmethod
    def _folded(texts: Iterable[str]) -> list[str]:
        return [folding.fold(text) for text in texts]

    def group(self, one: Document) -> str:
        group_of = {kind: group for group, members in query.GROUPS.items() for kind in members}
        return group_of.get(self.kinds[one.channel], "信息公开")

    def ask(self, typed: str) -> list[Document]:
        words = [[run, *self.meanings.get(run, ())] for run in map(folding.fold, typed.split()) if run]
        found = []
        for age, (document, title, names, text) in enumerate(self.read):
            if not all(_has([title, *names, *text], word) for word in words):
                continue
            if folding.fold(typed) in (title, folding.fold(document.document_number)):
                tier = 0
            elif all(_has([title], word[:1]) for word in words):
                tier = 1
            elif all(_has([title], word) for word in words):
                tier = 2
            else:
                tier = 3 if all(_has(names, word) for word in words) else 4
            found.append((tier, document.validity in ("失效", "废止"), age, document))
        return [document for *_, document in sorted(found, key=lambda row: row[:3])]

    def questions(self, chance: random.Random) -> Iterator[str]:
        yield from ("打车", "驾校", "公交 线路", "通知", "办法 2026", "1", "的")
        for document, title, names, text in chance.choices(self.read, k=120):
            piece = chance.choice([document.title, title, *names, *filter(None, text)])
            start = chance.randrange(len(piece))
            yield piece[start : start + chance.randint(1, 6)].strip()


def _has(texts: Sequence[str], spellings: Iterable[str]) -> bool:
    return any(one in text for one in spellings for text in texts)


def test_answers_are_those_of_reading_every_article(root: Path, searcher: Searcher) -> None:
    """Which articles, how many of each group and year, and in which order: against a plain reading of them all."""
    plain = Plain(root, searcher)
    for words in filter(folding.fold, plain.questions(random.Random(20261126))):
        truth, answer = plain.ask(words), searcher.ask(Question(text=words))
        pages = [searcher.ask(Question(text=words, page=page)) for page in range(1, answer.pages + 1)]

        assert [hit.url for page in pages for hit in page.hits] == [one.url for one in truth], words
        assert answer.groups == Counter(map(plain.group, truth)), words
        assert answer.years == Counter(one.published[:4] for one in truth), words
        for group, teased in answer.by_group.items():
            every = [one.url for one in truth if plain.group(one) == group]
            assert [hit.url for hit in teased] == every[: query.TEASED], words


def test_two_words_must_both_be_there(searcher: Searcher) -> None:
    both = every_url(searcher, "公路 安全")

    assert both == every_url(searcher, "公路") & every_url(searcher, "安全")


def test_words_are_marked_as_they_are_written() -> None:
    parts = excerpts.marked("昆交规〔2026〕1号：農村公路", ["昆交规20261号", "农村"])

    assert excerpts.as_html(parts) == "<mark>昆交规〔2026〕1号</mark>：<mark>農村</mark>公路"
    assert (
        excerpts.as_html(excerpts.marked("<b>公路</b>", ["公路"])) == "&lt;b&gt;<mark>公路</mark>&lt;/b&gt;"
    )


def test_an_excerpt_shows_the_passage() -> None:
    text = "第一段。" * 20 + "\n" + "前" * 60 + "目标" + "后" * 200
    said = excerpts.as_html(excerpts.excerpt(text, "", ["目标"]))

    assert "<mark>目标</mark>" in said
    assert said.startswith("…前")
    assert said.endswith("后…")


@pytest.mark.parametrize(
    ("typed", "syllables"),
    [("gongjiaoche", "gong jiao che"), ("xian", "xian"), ("gongx", ""), ("gps", ""), ("", "")],
)
def test_letters_are_split_into_syllables(typed: str, syllables: str) -> None:
    assert pinyin.split(typed) == syllables


def test_without_a_result_something_near_is_offered(searcher: Searcher) -> None:
    homophone = searcher.ask(Question(text="公交厕"))
    near = searcher.ask(Question(text="网约车办里"))

    assert (homophone.total, near.total) == (0, 0)
    assert any("公交" in name for name in homophone.names)
    assert near.related


def test_strange_queries_are_answered(searcher: Searcher) -> None:
    for text in ("", "？！", '"', "a OR b", "NEAR(", "*", "公" * 500, "{title}:x", "\x00", "路", "😀"):
        assert searcher.ask(Question(text=text)).total >= 0


# -- kept up to date --


def contents(root: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Everything that answers depend on: the articles, and for each of the terms how often it stands where."""
    database = sqlite3.connect(root / index.CACHE)
    database.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, terms, instance)")
    rows = database.execute(f"SELECT {', '.join(tables.COLUMNS)} FROM documents ORDER BY source").fetchall()
    terms = database.execute(
        "SELECT term, source, col, offset FROM vocabulary JOIN documents ON doc = id ORDER BY 1, 2, 3, 4"
    ).fetchall()
    for table in ("names", "channels", "same"):
        rows += database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
    return rows, terms


def test_after_any_edit_the_index_is_what_a_new_one_would_be(small_site: Path) -> None:
    folder = small_site / "content/xwzx/jtyw/2026"
    build(small_site)
    index.update(small_site)

    def edit(name: str, old: str, new: str) -> None:
        path = folder / name
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    def move() -> None:
        (small_site / "content/xwzx/xqdt/2026").mkdir(parents=True)
        (folder / "20261122-001.md").rename(small_site / "content/xwzx/xqdt/2026/20261122-001.md")

    edits = {
        "text": lambda: edit("20261121-001.md", "正文", "新的正文"),
        "title": lambda: edit("20261121-001.md", "第1条", "头一条"),
        "names": lambda: edit("20261121-001.md", "source:", "aliases: [别名]\nsource:"),
        "new": lambda: (
            shutil.copy(folder / "20261123-001.md", folder / "20261124-001.md")
            and edit("20261124-001.md", "id: 20261123", "id: 20261124")
        ),
        "withdrawn": lambda: edit(
            "20261123-001.md", "source:", "status: withdrawn\nwithdrawn_reason: 试\nsource:"
        ),
        "moved": move,
        "gone": lambda: (folder / "20261121-001.md").unlink(),
        "channel": lambda: _rename_channel(small_site, "xwzx/jtyw", "今日要闻"),
    }
    for name, change in edits.items():
        change()
        build(small_site)
        read = index.update(small_site)
        kept_up = contents(small_site)
        (small_site / index.CACHE).unlink()
        index.update(small_site)

        assert kept_up == contents(small_site), name
        assert read == (0 if name in ("gone", "withdrawn", "channel") else 1), name


def _rename_channel(root: Path, channel: str, name: str) -> None:
    """By a local adjustment that stands today."""
    path = root / "content/adjustments/0001-rename.toml"
    path.parent.mkdir()
    path.write_text(
        f'number = 1\nrequested = 2026-11-02\nrequested_by = "办公室"\napproved_by = "办公室"\n'
        f'effective_from = 2026-11-03\nsummary = "试"\n'
        f'[[changes]]\nkind = "rename-channel"\nchannel = "{channel}"\nname = "{name}"\n',
        "utf-8",
    )


def test_channels_bear_the_names_that_adjustments_give_them(small_site: Path) -> None:
    _rename_channel(small_site, "xwzx/jtyw", "今日要闻")
    build(small_site, today=date(2026, 11, 25))
    index.update(small_site)

    searcher = Searcher(small_site / index.CACHE)
    assert searcher.channels["xwzx/jtyw"] == "今日要闻"
    assert {hit.channel for hit in searcher.ask(Question(text="正文")).hits} == {"今日要闻"}


def test_a_damaged_database_is_made_anew(small_site: Path) -> None:
    build(small_site)
    index.update(small_site)
    (small_site / index.CACHE).write_bytes(b"SQLite format 3\x00" + b"garbage" * 1000)

    assert index.update(small_site) == 3
    assert Searcher(small_site / index.CACHE).ask(Question(text="正文")).total == 3


def test_what_is_withdrawn_from_a_release_is_no_longer_found(small_site: Path, tmp_path: Path) -> None:
    build(small_site)
    with index.up_to_date(small_site) as database:
        pieces.split(database, tmp_path / "pieces")
    index.unlist(small_site, tmp_path / "pieces", ["/xwzx/jtyw/2026/20261121-001.html"])

    with pieces.joined(tmp_path / "pieces", tmp_path) as file:
        searcher = Searcher(file)
    assert searcher.ask(Question(text="消息的正文")).total == 2


def test_a_mistake_in_the_thesaurus_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "search.toml"
    path.write_text('same = [\n  ["公交", "公交车"],\n  ["只有一个"],\n]\n', "utf-8")

    with pytest.raises(ConfigError, match=re.escape("search.toml:3: 同义词要写成两个以上词的列表")):
        thesaurus.load(path)


# -- asked by people and programs --


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[TestClient]:
    with TestClient(create_app(root, closed_mailbox(Shopwindow(root)))) as client:
        yield client


def test_the_page_answers_without_javascript_in_the_portals_dress(client: TestClient) -> None:
    page = turbohtml.parse(client.get("/search", params={"q": "公路"}).text)

    assert page.select_one("header form.search") is not None
    assert "的搜索结果" in page.select_one("title").text
    assert len(page.select("h2.group-title")) > 2
    assert page.select("ol.results mark")
    for link in page.select("main .tabs a, main .results a")[:12]:
        assert client.get(link.attr("href")).status_code == 200


def test_pages_of_a_group_lead_through_all_results(client: TestClient) -> None:
    seen: list[str] = []
    address = "/search?q=公路&sort=date"
    while address:
        page = turbohtml.parse(client.get(address).text)
        seen += [link.attr("href") for link in page.select("ol.results h3 a")]
        following = page.select_one("a[rel=next]")
        address = following.attr("href") if following else ""

    assert len(seen) == len(set(seen)) == client.get("/api/v1/search?q=公路").json()["total"]


def test_nothing_found_says_what_to_do_and_words_are_escaped(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "<script>alert(1)</script>"})

    assert "没有找到" in answer.text
    assert "<script>alert" not in answer.text
    assert "/mailbox/new" in answer.text


def test_the_interface_for_programs(client: TestClient) -> None:
    data = client.get("/api/v1/search", params={"q": "公路", "year": "2026", "page": "2"}).json()

    assert data.keys() == {
        "query", "total", "page", "pages", "groups", "years", "results", "suggestions", "related",
    }  # fmt: skip
    assert data["page"] == 2
    assert [row["year"] for row in data["years"]] == ["2026"]
    assert "<mark>公路</mark>" in data["results"][0]["title_html"] + data["results"][0]["excerpt_html"]
    assert client.get("/api/v1/search").status_code == 400


def test_refining_and_turning_pages_are_not_counted_again(tmp_path: Path, root: Path) -> None:
    desk = SearchDesk(root, Shopwindow(root))
    desk.root = tmp_path
    for question in (
        Question(text="公路"),
        Question(text="公路", year="2026"),
        Question(text="公路", page=2),
    ):
        desk.count(question, Answer(question=question, total=1, groups={}))
    today = datetime.now().astimezone()

    asked = list(counts.month(tmp_path / counts.FILE, today.year, today.month))
    assert asked == [counts.Asked("公路", 1, True)]


def test_odd_addresses_still_answer(client: TestClient) -> None:
    for address in (
        "/search",
        "/search?q=",
        "/search?q=公路&page=x&year=abc&group=无&channel=../..",
        "/search?q=公路&page=99999",
    ):
        assert client.get(address).status_code == 200


def test_what_was_asked_is_counted_and_nobody_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "counts.db"
    for text, found in (
        ("公交 线路", True),
        ("公交线路", True),
        ("我叫张三电话13812345678", False),
        ("飞船", False),
    ):
        counts.record(file, text, date(2026, 11, 25), found=found)

    assert list(counts.month(file, 2026, 11)) == [
        counts.Asked("公交线路", 2, True),
        counts.Asked("", 1, False),
        counts.Asked("飞船", 1, False),
    ]
    assert list(counts.month(file, 2026, 10)) == []
    assert b"138" not in file.read_bytes()
