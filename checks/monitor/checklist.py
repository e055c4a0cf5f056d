"""`content/quality/checklist.toml`: what people judged by hand, each line with a name and a day.

[[rows]]            # a manual indicator: how many defects were seen
indicator = "D03"
count = 0
by = "检查员"
on = 2026-11-20
note = "逐人核对"

[[boards]]          # a round over an exposure board (contract 一(三)2)
board = "国务院问题曝光台"
result = "没有本站问题"
evidence = "content/quality/20261120-guowuyuan.png"   # a picture's file or an address
by = "检查员"
on = 2026-11-20

[[confirmations]]   # a suspected veto that a named person confirms
indicator = "V1.1"
by = "审核员"
on = 2026-11-20

The same lines come from the staff's page and from imported CSV (`imports.py`).
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bureau.errors import ConfigError
from checks.monitor.evidence import CheckedByHand

FILE = Path("content/quality/checklist.toml")
KEYS = {
    "rows": {"indicator", "count", "by", "on", "note"},
    "boards": {"board", "result", "evidence", "by", "on"},
    "confirmations": {"indicator", "by", "on"},
}
OPTIONAL = {"note"}


Lines = Mapping[str, Sequence[Mapping[str, Any]]]  # table -> its lines


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRound:
    """One look at an exposure board, with what shows that it was taken."""

    board: str
    result: str
    evidence: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The lines that speak of one period; of several for one indicator the last counts."""

    rows: Mapping[str, CheckedByHand]
    boards: tuple[BoardRound, ...]
    confirmations: Mapping[str, str]


def read(path: Path) -> Lines:
    """All lines of the file; none when there is no file. A bad line raises ConfigError."""
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"人工清单读不了：{error}") from error
    return checked(path, raw)


def checked(where: Path | str, raw: Lines) -> Lines:
    """The lines, if all of them are well formed. Raises ConfigError naming the table and the line."""
    if unknown := sorted(raw.keys() - KEYS.keys()):
        raise ConfigError(where, f"有不认识的表 {unknown[0]}，可用：{'、'.join(KEYS)}")
    return {table: _lines(where, table, raw.get(table, ())) for table in KEYS}


def of_period(sources: Iterable[Lines], first: date, last: date) -> Checklist:
    """The lines of all sources that are dated from `first` to `last`."""
    sources = tuple(sources)
    now = {
        table: sorted(
            (row for source in sources for row in source.get(table, ()) if first <= row["on"] <= last),
            key=lambda row: row["on"],
        )
        for table in KEYS
    }
    return Checklist(
        rows={
            row["indicator"]: CheckedByHand(
                count=row["count"], by=row["by"], on=row["on"], note=row.get("note", "")
            )
            for row in now["rows"]
        },
        boards=tuple(BoardRound(**row) for row in now["boards"]),
        confirmations={row["indicator"]: row["by"] for row in now["confirmations"]},
    )


def _lines(path: Path | str, table: str, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    checked = []
    for number, row in enumerate(rows, 1):
        where = f"[[{table}]] 第 {number} 行"
        if unknown := sorted(row.keys() - KEYS[table]):
            raise ConfigError(path, f"{where} 有不认识的键 {unknown[0]}")
        if missing := sorted(KEYS[table] - OPTIONAL - row.keys()):
            raise ConfigError(path, f"{where} 缺少 {missing[0]}")
        if type(row["on"]) is not date or not str(row["by"]).strip():
            raise ConfigError(path, f"{where} 的 on 要写日期（2026-11-20），by 要写人名")
        if blank := sorted(key for key in ("result", "evidence") if key in row and not str(row[key]).strip()):
            raise ConfigError(path, f"{where} 的 {blank[0]} 不能空着")
        if "count" in row and (type(row["count"]) is not int or row["count"] < 0):
            raise ConfigError(path, f"{where} 的 count 要写不小于 0 的整数")
        checked.append(row)
    return checked
