"""What facts cost: an official table of indicators, applied to measures.

A *measure* is one counted fact about the site (`stale-channels` = 3); a table says which measures feed
which indicator, what each one costs and up to what. The same measures always give the same score:
nothing here reads the site, the clock or the disk beyond the table's own file.

Rules of the tables (indicators-2019.md §0, census-2015.md §0): a confirmed veto fails the site (G2);
a row never costs more than its cap (G5), rows of one pool share a cap; below `pass_line` the site
fails (G3); bonus counts only above `bonus_line` (G4); a site without public services leaves that group
out and is scaled up (G6). What could not be judged is listed and never counts as passed.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from bureau.errors import ConfigError


class Part(StrEnum):
    VETO = "veto"
    DEDUCT = "deduct"
    BONUS = "bonus"


MODES = ("auto", "auto-live", "mailbox", "manual")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a row: the measure's count times `points`; a veto stands from `at` on."""

    measure: str
    text: str
    points: Decimal = Decimal(0)
    at: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    id: str
    part: Part
    group: str
    name: str
    mode: str
    items: tuple[Item, ...]
    cap: Decimal = Decimal(0)
    pool: str = ""  # rows of one pool share one cap
    rules: tuple[str, ...] = ()  # whose findings are the evidence
    confirmed: bool = True  # false: the number is from memory, footnote in reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    title: str
    short: str
    basis: str
    full: Decimal
    pass_line: Decimal
    bonus_line: Decimal | None
    service_groups: tuple[str, ...]
    no_service_factor: Decimal
    rows: tuple[Indicator, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that the table asks for, in its order, once."""
        return tuple(dict.fromkeys(item.measure for row in self.rows for item in row.items))


@dataclass(frozen=True, slots=True)
class Counted:
    """A judged fact: how many, and where one can see it."""

    count: Decimal
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unjudged:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowScore:
    """One row's outcome. `points` is what counts after cap and pool; `raw` what it would be without."""

    indicator: Indicator
    counts: Mapping[str, Decimal]
    raw: Decimal
    points: Decimal
    unjudged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """An indicator that alone fails the site: suspected until a named person confirms it."""

    indicator: Indicator
    item: Item
    value: Decimal
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    table: Table
    rows: tuple[RowScore, ...]
    vetoes: tuple[Veto, ...]
    deduction_score: Decimal  # the second part, after scaling
    bonus: Decimal  # 0 unless the second part is above the bonus line
    unjudged: tuple[tuple[str, str], ...]  # (indicator id, reason)

    @property
    def confirmed_vetoes(self) -> tuple[Veto, ...]:
        return tuple(veto for veto in self.vetoes if veto.confirmed_by)

    @property
    def total(self) -> Decimal:
        return self.deduction_score + self.bonus

    @property
    def passed(self) -> bool:
        """By what is confirmed; suspected vetoes are told beside it."""
        return not self.confirmed_vetoes and self.deduction_score >= self.table.pass_line


def score(
    table: Table,
    measures: Mapping[str, Counted | Unjudged],
    *,
    confirmations: Mapping[str, str] | None = None,  # indicator id -> who confirmed its veto
    public_services: bool = True,
) -> Score:
    """Apply a table. A measure that is not given counts as not judged."""
    rows = [
        row
        for row in table.rows
        if public_services or (row.group not in table.service_groups and not row.id.startswith("V6"))
    ]
    scored = _cap_pools([_score_row(row, measures) for row in rows if row.part is not Part.VETO])
    lost = sum((row.points for row in scored if row.indicator.part is Part.DEDUCT), Decimal(0))
    won = sum((row.points for row in scored if row.indicator.part is Part.BONUS), Decimal(0))
    second = _second_part(table, lost, public_services)
    return Score(
        table=table,
        rows=tuple(scored),
        vetoes=tuple(_vetoes(rows, measures, confirmations or {})),
        deduction_score=second,
        bonus=won if table.bonus_line is not None and second > table.bonus_line else Decimal(0),
        unjudged=tuple((row.id, reason) for row in rows for reason in _unjudged(row, measures)),
    )


def _second_part(table: Table, lost: Decimal, public_services: bool) -> Decimal:
    if public_services:
        return max(Decimal(0), table.full - lost)
    left_out = sum(
        (row.cap for row in table.rows if row.part is Part.DEDUCT and row.group in table.service_groups),
        Decimal(0),
    )
    scaled = (table.full - left_out - lost) * table.no_service_factor
    return max(Decimal(0), scaled.quantize(Decimal("0.01")))


def _score_row(row: Indicator, measures: Mapping[str, Counted | Unjudged]) -> RowScore:
    counts = {
        item.measure: fact.count
        for item in row.items
        if isinstance(fact := measures.get(item.measure), Counted)
    }
    raw = sum((item.points * counts.get(item.measure, Decimal(0)) for item in row.items), Decimal(0))
    return RowScore(
        indicator=row,
        counts=counts,
        raw=raw,
        points=min(raw, row.cap),
        unjudged=tuple(_unjudged(row, measures)),
    )


def _cap_pools(rows: list[RowScore]) -> list[RowScore]:
    """Rows of one pool share its cap: what the earlier rows used up is gone for the later ones."""
    left: dict[str, Decimal] = {}
    capped = []
    for row in rows:
        pool, points = row.indicator.pool, row.points
        if pool:
            points = min(points, left.setdefault(pool, row.indicator.cap))
            left[pool] -= points
        capped.append(replace(row, points=points))
    return capped


def _vetoes(
    rows: Iterable[Indicator],
    measures: Mapping[str, Counted | Unjudged],
    confirmations: Mapping[str, str],
) -> Iterable[Veto]:
    for row in rows:
        if row.part is not Part.VETO:
            continue
        for item in row.items:
            fact = measures.get(item.measure)
            if isinstance(fact, Counted) and fact.count >= item.at:
                yield Veto(
                    indicator=row,
                    item=item,
                    value=fact.count,
                    confirmed_by=confirmations.get(row.id, ""),
                )


def _unjudged(row: Indicator, measures: Mapping[str, Counted | Unjudged]) -> Iterable[str]:
    for item in row.items:
        fact = measures.get(item.measure, Unjudged("没有提供数据"))
        if isinstance(fact, Unjudged):
            yield f"{item.text}：{fact.reason}"


def load_table(path: Path) -> Table:
    """Read one official table. Raises ConfigError naming the file, the row and the key."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"指标表读不了：{error}") from error
    rows = raw.pop("rows", [])
    known = {
        "title",
        "short",
        "basis",
        "full",
        "pass_line",
        "bonus_line",
        "service_groups",
        "no_service_factor",
    }
    if unknown := sorted(raw.keys() - known):
        raise ConfigError(path, f"指标表里有不认识的键 {unknown[0]}")
    over, under = (Decimal(part) for part in raw.get("no_service_factor", ("1", "1")))
    try:
        return Table(
            title=raw["title"],
            short=raw["short"],
            basis=raw["basis"],
            full=Decimal(raw["full"]),
            pass_line=Decimal(raw["pass_line"]),
            bonus_line=Decimal(raw["bonus_line"]) if "bonus_line" in raw else None,
            service_groups=tuple(raw.get("service_groups", ())),
            no_service_factor=over / under,
            rows=tuple(_indicator(path, row) for row in rows),
        )
    except KeyError as error:
        raise ConfigError(path, f"指标表缺少 {error.args[0]}") from error


def _indicator(path: Path, row: Mapping[str, Any]) -> Indicator:
    name = row.get("id", "（没有 id 的一行）")
    try:
        items = tuple(
            Item(**{**item, **{key: Decimal(item[key]) for key in ("points", "at") if key in item}})
            for item in row["items"]
        )
        indicator = Indicator(
            **{
                **row,
                "part": Part(row["part"]),
                "items": items,
                "rules": tuple(row.get("rules", ())),
                "cap": Decimal(row.get("cap", 0)),
            }
        )
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise ConfigError(path, f"指标 {name} 写错了：{error}") from error
    if indicator.mode not in MODES:
        raise ConfigError(path, f"指标 {name} 的 mode 只能是 {'、'.join(MODES)}")
    return indicator
