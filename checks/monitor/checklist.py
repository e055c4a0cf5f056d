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
by = "检查员"
on = 2026-11-20

[[confirmations]]   # a suspected veto that a named person confirms
indicator = "V1.1"
by = "审核员"
on = 2026-11-20
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bureau.errors import ConfigError
from checks.monitor.evidence import CheckedByHand

FILE = Path("content/quality/checklist.toml")
KEYS = {
    "rows": {"indicator", "count", "by", "on", "note"},
    "boards": {"board", "result", "by", "on"},
    "confirmations": {"indicator", "by", "on"},
}
OPTIONAL = {"note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The lines that speak of one period; of several for one indicator the last counts."""

    rows: Mapping[str, CheckedByHand]
    boards: tuple[Mapping[str, str], ...]
    confirmations: Mapping[str, str]


def load(path: Path, first: date, last: date) -> Checklist:
    """Lines dated from `first` to `last`. No file is an empty checklist; a bad line raises ConfigError."""
    if not path.exists():
        return Checklist(rows={}, boards=(), confirmations={})
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"人工清单读不了：{error}") from error
    if unknown := sorted(raw.keys() - KEYS.keys()):
        raise ConfigError(path, f"有不认识的表 {unknown[0]}，可用：{'、'.join(KEYS)}")
    lines = {table: _lines(path, table, raw.get(table, [])) for table in KEYS}
    now = {
        table: sorted((row for row in rows if first <= row["on"] <= last), key=lambda row: row["on"])
        for table, rows in lines.items()
    }
    return Checklist(
        rows={
            row["indicator"]: CheckedByHand(
                count=row["count"], by=row["by"], on=row["on"], note=row.get("note", "")
            )
            for row in now["rows"]
        },
        boards=tuple({key: str(value) for key, value in row.items()} for row in now["boards"]),
        confirmations={row["indicator"]: row["by"] for row in now["confirmations"]},
    )


def _lines(path: Path, table: str, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    checked = []
    for number, row in enumerate(rows, 1):
        where = f"[[{table}]] 第 {number} 行"
        if unknown := sorted(row.keys() - KEYS[table]):
            raise ConfigError(path, f"{where} 有不认识的键 {unknown[0]}")
        if missing := sorted(KEYS[table] - OPTIONAL - row.keys()):
            raise ConfigError(path, f"{where} 缺少 {missing[0]}")
        if type(row["on"]) is not date or not str(row["by"]).strip():
            raise ConfigError(path, f"{where} 的 on 要写日期（2026-11-20），by 要写人名")
        if "count" in row and (type(row["count"]) is not int or row["count"] < 0):
            raise ConfigError(path, f"{where} 的 count 要写不小于 0 的整数")
        checked.append(row)
    return checked
