"""The same dialect by python-markdown: slower by an order of magnitude, for machines without comrak's wheel.

What the two engines say differently about headings, footnotes and lists is brought to comrak's form here;
a test compares both on the whole of content/.
"""

import re
import unicodedata
from functools import cache
from urllib.parse import quote
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import SimpleTagInlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_LIST = re.compile(r" {0,3}(?:[*+-]|1[.)]) +\S")
_TEXT = re.compile(r"(?!\s*(?:[*+-]|\d+[.)]) |\s{2,})\s?\S")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_REFERENCE = re.compile(
    r'<sup id="fnref(\d*):([^"]+)"><a class="footnote-ref" href="#fn:[^"]+">(\d+)</a></sup>'
)
_NOTES = re.compile(r'<div class="footnote">\s*<hr ?/?>\s*(<ol>.*?</ol>)\s*</div>', re.S)
_BACK = re.compile(
    r'(?:&#160;)?<a class="footnote-backref" href="#fnref(\d*):([^"]+)" title="[^"]*">&#8617;</a>'
)


class _Anchors(Treeprocessor):
    """Ids on headings: the heading's words, joined by hyphens."""

    def run(self, root: Element) -> None:
        taken: set[str] = set()
        for element in root.iter():
            if element.tag in _HEADINGS:
                element.set("id", _free(_slug("".join(element.itertext())), taken))


def _slug(text: str) -> str:
    kept = (char for char in text.lower() if unicodedata.category(char)[0] in "LMN" or char in "_- ")
    return "".join(kept).replace(" ", "-")


def _free(slug: str, taken: set[str]) -> str:
    name, number = slug, 0
    while name in taken:
        number += 1
        name = f"{slug}-{number}"
    taken.add(name)
    return name


class _Alignment(Treeprocessor):
    """How the cells of a table's column are aligned stands in their class."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.tag in ("th", "td") and "align" in element.attrib:
                element.set("class", element.attrib.pop("align"))


class _LooseLists(Treeprocessor):
    """A blank line anywhere in a list sets all its items apart, not only its neighbours. Runs before inline marks."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.tag in ("ol", "ul") and any(item.find("p") is not None for item in element):
                for item in element:
                    if item.text and item.text.strip():
                        paragraph = Element("p")
                        paragraph.text, item.text = item.text, None
                        item.insert(0, paragraph)


class _ListsAfterText(Preprocessor):
    """A list may begin right below a paragraph, as CommonMark has it."""

    def run(self, lines: list[str]) -> list[str]:
        out: list[str] = []
        fenced = False
        for line in lines:
            fenced ^= _FENCE.match(line) is not None
            if not fenced and _LIST.match(line) and out and _TEXT.match(out[-1]):
                out.append("")
            out.append(line)
        return out


class _Dialect(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - python-markdown's name
        md.preprocessors.register(_ListsAfterText(md), "lists-after-text", 27)
        md.inlinePatterns.register(SimpleTagInlineProcessor(r"(~~)(?!~)(.+?)~~", "del"), "strikethrough", 65)
        md.treeprocessors.register(_LooseLists(md), "loose-lists", 25)
        md.treeprocessors.register(_Anchors(md), "anchors", 5)
        md.treeprocessors.register(_Alignment(md), "alignment", 4)


@cache
def _engine() -> Markdown:
    return Markdown(
        extensions=["fenced_code", "footnotes", "sane_lists", "tables", _Dialect()],
        extension_configs={
            "tables": {"use_align_attribute": True},
            "footnotes": {"USE_DEFINITION_ORDER": False},
        },
        tab_length=3,
        output_format="html",
    )


def render(text: str) -> str:
    html = _engine().reset().convert(text)
    return _footnotes(html) if "footnote" in html else html


def _footnotes(html: str) -> str:
    numbers = {name: number for _, name, number in _REFERENCE.findall(html)}

    def reference(match: re.Match[str]) -> str:
        again, name, number = match.groups()
        mark = _mark(name, again)
        return f'<sup class="footnote-ref"><a href="#fn-{quote(name)}" id="{mark}" data-footnote-ref>{number}</a></sup>'

    def back(match: re.Match[str]) -> str:
        again, name = match.groups()
        number = numbers.get(name, "") + (f"-{again}" if again else "")
        return (
            f' <a href="#{quote(_mark(name, again))}" class="footnote-backref" data-footnote-backref '
            f'data-footnote-backref-idx="{number}" aria-label="回到正文第 {number} 处引用">↩'
            + (f'<sup class="footnote-ref">{again}</sup></a>' if again else "</a>")
        )

    html = _BACK.sub(back, _REFERENCE.sub(reference, html)).replace('<li id="fn:', '<li id="fn-')
    return _NOTES.sub(r'<section class="footnotes" data-footnotes>\1</section>', html)


def _mark(name: str, again: str) -> str:
    return f"fnref-{name}-{again}" if again else f"fnref-{name}"
