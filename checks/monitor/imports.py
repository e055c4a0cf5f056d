"""CSV files from other platforms: rounds over exposure boards, and messages of “我为政府网站找错”.

Saved as UTF-8 or, as Excel does by itself, as GBK. The first line names the columns, in any order; columns
that are not asked for are not read (and so nobody's name or words are kept). One bad line and nothing is
taken: every bad line is told with its number.

    boards          曝光台,日期,结果,证据,核对人
    error reports   编号,留言时间,答复时间      (答复时间 empty: not answered yet)
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from bureau.errors import ConfigError
from checks.monitor.checklist import BoardRound
from checks.monitor.evidence import ErrorReport

SHOWN = 5  # bad lines told one by one
FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S")


Row = TypeVar("Row")


def boards(path: Path, today: date) -> tuple[BoardRound, ...]:
    """Raises ConfigError naming every bad line."""

    def row(cells: Mapping[str, str]) -> BoardRound:
        for name in ("曝光台", "结果", "证据", "核对人"):
            if not cells[name]:
                raise ValueError(f"{name}是空的")
        return BoardRound(
            board=cells["曝光台"], result=cells["结果"], evidence=cells["证据"], by=cells["核对人"],
            on=_day(cells["日期"], "日期", today),
        )  # fmt: skip

    return tuple(_rows(path, ("曝光台", "日期", "结果", "证据", "核对人"), row))


def error_reports(path: Path, today: date) -> tuple[ErrorReport, ...]:
    """Raises ConfigError naming every bad line, a number that comes twice included."""
    numbers: set[str] = set()

    def row(cells: Mapping[str, str]) -> ErrorReport:
        number = cells["编号"]
        if not number or number in numbers:
            raise ValueError(f"编号 {number} 出现两次" if number else "编号是空的")
        numbers.add(number)
        received = _day(cells["留言时间"], "留言时间", today)
        answered = _day(cells["答复时间"], "答复时间", today) if cells["答复时间"] else None
        if answered and answered < received:
            raise ValueError(f"答复时间 {answered} 早于留言时间 {received}")
        return ErrorReport(number=number, received=received, answered=answered)

    return tuple(_rows(path, ("编号", "留言时间", "答复时间"), row))


def _rows(path: Path, wanted: Sequence[str], made: Callable[[Mapping[str, str]], Row]) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(_text(path), newline=""))
    names = [(name or "").strip() for name in reader.fieldnames or ()]
    if missing := [name for name in wanted if name not in names]:
        raise ConfigError(path, f"第一行要写明各列，缺 {'、'.join(missing)}；应有 {','.join(wanted)}", 1)
    reader.fieldnames = names
    rows, bad = [], []
    for cells in reader:
        try:
            rows.append(made({name: (cells[name] or "").strip() for name in wanted}))
        except ValueError as error:
            bad.append((reader.line_num, str(error)))
    if bad:
        told = "；".join(f"第 {line} 行：{what}" for line, what in bad[:SHOWN])
        more = f"；另有 {len(bad) - SHOWN} 行" if len(bad) > SHOWN else ""
        raise ConfigError(path, f"{told}{more}。一行也没有导入，改好后再来", bad[0][0])
    yield from rows


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(path, f"读不到文件：{error.strerror}") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError(path, "不是 UTF-8 也不是 GBK 编码，请在表格软件里另存为 CSV UTF-8")


def _day(text: str, name: str, today: date) -> date:
    for form in FORMS:
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day of the platform's own
        except ValueError:
            continue
        if day > today:
            raise ValueError(f"{name} {day} 在今天之后")
        return day
    raise ValueError(f"{name}“{text}”不是日期，写成 2026-11-20")
