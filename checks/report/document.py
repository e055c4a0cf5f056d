"""What a report consists of, before anyone decides how it is printed.

Every printer (as_html, as_word, as_pdf, as_sheets) reads these and nothing else, so the four formats
say the same. All values are text by then: rounding and wording happen where the report is composed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 1 prints `一、`, level 2 `（一）`, level 3 `1.` (GB/T 9704: 黑体, 楷体, 仿宋); numbers are given here."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    kind: str = "body"  # body, verdict (the one line that counts), note (small print)


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: int = 1  # share of the table's width
    number: bool = False  # printed right-aligned


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "无"  # what stands there when there are no rows
    marks: tuple[str, ...] = ()  # one per row: "", good, warning, bad

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"表“{self.title}”有 {len(self.columns)} 列，这一行有 {len(row)} 格：{row}")


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    description: str  # the same facts in words, for those who cannot see it
    svg: str
    width: int  # as in the SVG's viewBox
    height: int


Block = Heading | Paragraph | Table | Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    title: str
    issuer: str  # whose report it is, printed with the date at the end
    recipient: str  # 主送机关
    dated: date
    blocks: tuple[Block, ...]
    annex: tuple[Table, ...] = field(default=())  # one sheet each in the workbook

    @property
    def dated_text(self) -> str:
        """成文日期: Arabic numerals, month and day without a leading zero (GB/T 9704)."""
        return f"{self.dated.year}年{self.dated.month}月{self.dated.day}日"


class Numbering:
    """Counts headings the official way: 一、 then （一） then 1. ; deeper levels start anew below each."""

    def __init__(self) -> None:
        self._counts = [0, 0, 0]

    def number(self, heading: Heading) -> str:
        level = min(heading.level, 3) - 1
        self._counts[level] += 1
        self._counts[level + 1 :] = [0] * (2 - level)
        count = self._counts[level]
        return (f"{chinese(count)}、", f"（{chinese(count)}）", f"{count}.")[level] + heading.text


def numbered(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The blocks with their headings' numbers written out."""
    numbering = Numbering()
    for block in blocks:
        yield Heading(block.level, numbering.number(block)) if isinstance(block, Heading) else block


def chinese(number: int) -> str:
    """1 to 99 in Chinese numerals, as headings count."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{digits[tens]}十"
    return head + (digits[ones] if ones or not tens else "")
