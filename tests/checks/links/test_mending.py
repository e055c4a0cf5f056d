"""After the mend the page is the one before, less the dead links; and the links can be put back."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau import markdown
from bureau.config import SiteConfig, load
from checks import reading
from checks.links import mending
from checks.source import Source, SourceLink, Surroundings

DEAD = "/dead/无.html"
WORD = st.text("甲乙abc1*_`[]()!|&<>\"'\\#-. ", min_size=1, max_size=5)
PLAIN = st.text("甲乙丙abc1，。 ", min_size=1, max_size=6)
ADDRESS = st.sampled_from(
    ["/dead/%E6%97%A0.html", "/alive.html", "<" + DEAD + ">", "https://dead.example/a_b_c"]
)
LINK = st.one_of(
    st.tuples(st.one_of(PLAIN, WORD), ADDRESS).map(lambda pair: f"[{pair[0]}]({pair[1]})"),
    st.tuples(PLAIN, ADDRESS).map(lambda pair: f'[{pair[0]}]({pair[1]} "题 目")'),
    st.tuples(PLAIN, ADDRESS).map(lambda pair: f"[**{pair[0].strip() or '甲'}**]({pair[1]})"),
    st.tuples(PLAIN, ADDRESS).map(lambda pair: f"[![{pair[0]}](/alive.png)]({pair[1]})"),
    st.tuples(st.one_of(PLAIN, WORD), ADDRESS).map(lambda pair: f"![{pair[0]}]({pair[1]})"),
    st.tuples(PLAIN, ADDRESS).map(lambda pair: f'<a class="x" href="{pair[1].strip("<>")}">{pair[0]}</a>'),
    st.tuples(PLAIN, ADDRESS).map(lambda pair: f'<img alt="{pair[0]}" src="{pair[1].strip("<>")}">'),
    st.sampled_from(
        ["<https://dead.example/a_b_c>", "[甲][dead]", "[dead][]", "[dead]", "![图][dead]", "[乙][alive]"]
    ),
)
LINE = st.lists(st.one_of(PLAIN, LINK, WORD), min_size=1, max_size=5).map("".join)
BLOCK = st.one_of(
    LINE,
    LINE.map(lambda line: f"## {line}"),
    LINE.map(lambda line: f"- {line}\n- 乙"),
    LINE.map(lambda line: f"> {line}"),
    LINE.map(lambda line: f"| 表 |\n|---|\n| {line} |"),
    LINE.map(lambda line: f"<div>\n{line}\n</div>"),
    st.tuples(LINE, LINE).map("\n".join),
)
DOCUMENT = st.lists(BLOCK, min_size=1, max_size=4).map(
    lambda blocks: "\n\n".join([*blocks, "[dead]: /dead/x.html", "[alive]: /alive.html"])
)
OFFICE = load(Path(__file__).parents[3] / "site.toml")


def _source(text: str, config: SiteConfig = OFFICE) -> Source:
    return reading.read("a.md", text.encode(), Surroundings(config, (), date(2026, 1, 10)))


def _is_dead(link: SourceLink) -> bool:
    return "dead" in link.href


def _less_links(html: str) -> str:
    """An independent way to say what must be left: links and pictures to dead addresses undone."""
    html = re.sub(r'<img[^>]*?\ssrc="[^"]*dead[^"]*"[^>]*>', lambda tag: _alt(tag[0]), html)
    return re.sub(r'<a\s[^>]*?href="[^"]*dead[^"]*"[^>]*>(.*?)</a>', r"\1", html, flags=re.S)


def _alt(tag: str) -> str:
    found = re.search(r'alt="([^"]*)"', tag)
    return found[1] if found else ""


@settings(max_examples=150, deadline=None)
@given(DOCUMENT)
def test_the_page_is_the_one_before_less_the_links(document: str) -> None:
    mended = mending.undo(_source(document), _is_dead)

    if not mended.left:
        assert markdown.render(mended.text) == _less_links(markdown.render(document))
    again = mending.undo(_source(mended.text), _is_dead)
    assert again.undone == ()
    assert again.text == mended.text


@settings(max_examples=60, deadline=None)
@given(DOCUMENT)
def test_what_was_undone_can_be_put_back(document: str) -> None:
    mended = mending.undo(_source(document), _is_dead)
    text = mended.text

    for one in reversed(mended.undone):
        back = mending.restore(text, one.written, one.replaced, one.before, one.after)
        if back is None:
            return  # the same words stand there twice among the same others, so the place is not certain
        text = back

    assert text == document


def test_every_form_beside_every_other_is_put_back() -> None:
    document = (
        '内联[旧闻](/dead/a)和[**粗体**](/dead/a "题")。\n\n引用[乙][r]，简写[r]，折叠[r][]。\n\n'
        "自动 <https://dead.example/a_b>，![现场](/dead/1.png) 与 [![好图](/dead/2.png)](/dead/b)。\n\n"
        '<p>HTML <a class="x" href="/dead/c">丙</a>和<img src="/dead/3.png" alt="图三"></p>\n\n'
        "| 表 | 链 |\n|---|---|\n| [甲](/dead/d) | [甲](/dead/d) |\n\n- [戊](/dead/e)\n- [戊](/dead/e)\n\n[r]: /dead/r\n"
    )
    mended = mending.undo(_source(document), _is_dead)
    text: str | None = mended.text

    for one in reversed(mended.undone):
        assert text is not None
        text = mending.restore(text, one.written, one.replaced, one.before, one.after)

    assert len(mended.undone) == 15
    assert mended.left == ()
    assert text == document


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("见[甲](/dead)。", "见甲。"),
        ('见[甲**乙**](/dead "题")。', "见甲**乙**。"),
        ("见[甲][r]。\n\n[r]: /dead", "见甲。\n\n[r]: /dead"),
        ("见[r]。\n\n[r]: /dead", "见r。\n\n[r]: /dead"),
        ("<https://dead.example/a>", "https://dead.example/a"),
        ("![现场](/dead.png)", "现场"),
        ("| 甲 |\n|---|\n| [乙](/dead) |", "| 甲 |\n|---|\n| 乙 |"),
        ('<p>见<a href="/dead">甲</a></p>', "<p>见甲</p>"),
        ('<a id="x" href="/dead">甲</a>', '<a id="x">甲</a>'),
        ("[![图](/ok.png)](/dead)", "![图](/ok.png)"),
        ("[*甲](/dead)*", "\\*甲*"),
        ("![# 甲](/dead)", "\\# 甲"),
        ("[甲](/ok)和[乙](/dead)", "[甲](/ok)和乙"),
        ("[![图](/dead.png)](/dead)", "图"),
    ],
)
def test_every_form_becomes_its_text(written: str, left: str) -> None:
    assert mending.undo(_source(written), _is_dead).text == left


def test_what_stands_in_the_head_is_left_to_the_editor() -> None:
    text = "---\ntitle: 甲\nimage: /images/dead.png\n---\n正文"

    mended = mending.undo(_source(text), _is_dead)

    assert mended.text == text
    assert [link.kind for link in mended.left] == ["front-matter"]
