"""Units of measurement: one way of writing each through a whole text, and symbols in the right case."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# a unit in words, and its symbol: official text prefers words (GB/T 15835 lets a text choose, but once)
NAMES = {
    "km": "公里", "m²": "平方米", "㎡": "平方米", "m³": "立方米", "kg": "千克", "℃": "摄氏度", "kW": "千瓦", "kWh": "千瓦时",
    "ha": "公顷", "hm²": "公顷", "km/h": "公里/小时",
}  # fmt: skip
RIGHT_CASE = {
    "KM": "km", "Km": "km", "KM/H": "km/h", "Km/h": "km/h", "KM/h": "km/h", "KG": "kg", "Kg": "kg", "KW": "kW", "Kw": "kW", "kw": "kW",
    "KWH": "kWh", "kwh": "kWh", "Kwh": "kWh", "MM": "mm", "CM": "cm", "ML": "mL", "M2": "m²", "m2": "m²", "M3": "m³", "m3": "m³",
}  # fmt: skip
_AFTER_NUMBER = re.compile(r"(?<=\d)\s?(km/h|km|m²|㎡|m³|kg|℃|kWh|kW|hm²|ha)(?![A-Za-z²³/\d])")
_WRONG_CASE = re.compile(rf"(?<=\d)\s?({'|'.join(sorted(RIGHT_CASE, key=len, reverse=True))})(?![A-Za-z\d])")


@dataclass(frozen=True, slots=True)
class Slip:
    block: int  # the number of the block
    start: int
    end: int
    problem: str
    right: str


def slips(texts: Iterable[str]) -> Iterator[Slip]:
    """Symbols in the wrong case, and symbols of a unit that the same source also writes in words."""
    blocks = list(texts)
    whole = "\n".join(blocks)
    for number, text in enumerate(blocks):
        for found in _WRONG_CASE.finditer(text):
            right = RIGHT_CASE[found[1]]
            yield Slip(
                number, *found.span(1), f"单位符号“{found[1]}”大小写不对，应为“{right}”，公文宜写汉字", right
            )
        for found in _AFTER_NUMBER.finditer(text):
            name = NAMES[found[1]]
            if re.search(rf"[\d一二三四五六七八九十百千万亿多余]\s?{name}", whole):
                yield Slip(
                    number,
                    *found.span(1),
                    f"全篇有的写“{name}”、有的写“{found[1]}”，请统一，公文宜写汉字",
                    name,
                )
