"""The two tables against the numbers of the documents, written down here a second time by hand.

Sources: 国办秘函〔2019〕19号 (G1–G12, V, D, B) and 国办发〔2015〕15号 附件2 (R1–R6, CV, C).
"""

from decimal import Decimal
from pathlib import Path

import pytest

from checks.scoring import Counted, Part, Table, load_table, score

DATA = Path(__file__).parents[2] / "checks" / "data"
TABLE_2019 = load_table(DATA / "indicators-2019.toml")
TABLE_2015 = load_table(DATA / "census-2015.toml")

# Veto -> from which count on each of its facts stands.
VETOES_2019 = {
    "V1.1": (1,), "V1.2": (1,), "V1.3": (1,), "V1.4": (1,), "V1.5": (1,), "V1.6": (1,), "V2": (5,), "V3": (1,),
    "V4.1": (5,), "V4.2": (10,), "V4.3": (5,), "V5.1": (1,), "V5.2": (1,), "V6.1": (1,), "V6.2": (5,), "V6.3": (1,),
}  # fmt: skip
VETOES_2015 = {
    "CV1": (5,),
    "CV2": (1,),
    "CV3a": (5,),
    "CV3b": (10,),
    "CV3c": (5,),
    "CV4": (1, 1),
    "CV5": (1,),
}

# Row -> its cap, and what one of each of its facts costs (or brings).
ROWS_2019 = {
    "D01": (2, "2 1"), "D02": (2, "2 1"), "D03": (2, "2 1"), "D04": (5, "5 5"), "D05": (5, "5 5"), "D06": (5, "5 5"),
    "D07": (3, "1"), "D08": (3, "0.5 0.5"), "D09": (4, "2 1"), "D10": (3, "3"), "D11": (5, "5 5"), "D12": (2, "2 1 2"),
    "D13": (8, "4 0.5 1 2 0.5"), "D14": (5, "1"), "D15": (2, "1"), "D16": (7, "7"), "D17": (3, "3"),
    "D18": (6, "6 1 3 3"), "D19": (7, "4 4"), "D20": (3, "1 1 1"), "D21": (3, "0.5"), "D22": (1, "0.2 0.1"),
    "D23": (1, "1 0.2"), "D24": (3, "1 1"), "D25": (4, "4 1 1"), "D26": (2, "2"), "D27": (1, "0.1 0.1"), "D28": (2, "1"),
    "D29": (1, "1"), "B01": (4, "2 1 1 1"), "B02": (3, "1"), "B03": (2, "1"), "B04": (2, "1"), "B05": (2, "2"),
    "B06": (5, "3 2"), "B07": (3, "2 1"), "B08": (4, "1 1 1"), "B09": (2, "2"), "B10": (3, "3"),
}  # fmt: skip
ROWS_2015 = {
    "C1": (5, "1"), "C2": (15, "1 0.1"), "C3": (5, "5"), "C4a": (25, "3"), "C4b": (25, "4"), "C4c": (25, "5"),
    "C4d": (25, "1"), "C5": (10, "10 5"), "C6": (5, "5 5 3"), "C7": (5, "5 3"), "C8": (10, "2 1"), "C9": (10, "1"),
    "C10": (10, "3"),
}  # fmt: skip
GROUPS_2019 = {"发布解读": 31, "办事服务": 25, "互动交流": 23, "功能设计": 21}
GROUPS_2015 = {"网站可用性": 20, "信息更新情况": 30, "互动回应情况": 20, "服务实用情况": 30}
BOTH = pytest.mark.parametrize(
    ("table", "vetoes", "rows"),
    [(TABLE_2019, VETOES_2019, ROWS_2019), (TABLE_2015, VETOES_2015, ROWS_2015)],
    ids=["2019", "2015"],
)
Rows = dict[str, tuple[int, str]]


@BOTH
def test_every_row_of_the_document_is_there_with_its_numbers(
    table: Table, vetoes: dict[str, tuple[int, ...]], rows: Rows
) -> None:
    assert {
        row.id: tuple(int(item.at) for item in row.items) for row in table.rows if row.part is Part.VETO
    } == vetoes
    assert {
        row.id: (int(row.cap), " ".join(f"{item.points:f}" for item in row.items))
        for row in table.rows
        if row.part is not Part.VETO
    } == rows


@pytest.mark.parametrize(
    ("table", "groups"), [(TABLE_2019, GROUPS_2019), (TABLE_2015, GROUPS_2015)], ids=["2019", "2015"]
)
def test_the_groups_are_worth_what_the_document_says(table: Table, groups: dict[str, int]) -> None:
    worth = dict.fromkeys(groups, Decimal(0))
    pools = set()
    for row in table.rows:
        if row.part is Part.DEDUCT and row.pool not in pools:
            worth[row.group] += row.cap
            pools |= {row.pool} - {""}

    assert worth == groups


def test_the_bonus_is_thirty_at_most() -> None:
    assert sum(row.cap for row in TABLE_2019.rows if row.part is Part.BONUS) == 30


def test_numbers_from_memory_are_marked() -> None:
    """All points of the census are (its vetoes are not); none of 2019 is."""
    assert {row.id for row in TABLE_2015.rows if not row.confirmed} == ROWS_2015.keys()
    assert all(row.confirmed for row in TABLE_2019.rows)


@BOTH
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_each_fact_alone_costs_or_brings_its_points_up_to_the_cap(
    table: Table, vetoes: dict[str, tuple[int, ...]], rows: Rows, count: int
) -> None:
    clean = dict.fromkeys(table.measures, Counted(Decimal(0)))
    for row in table.rows:
        if row.part is Part.VETO:
            continue
        cap, each = rows[row.id]
        for item, points in zip(row.items, each.split(), strict=True):
            result = score(table, clean | {item.measure: Counted(Decimal(count))})
            mine = next(scored for scored in result.rows if scored.indicator.id == row.id)

            assert mine.points == min(Decimal(points) * count, cap), (row.id, item.measure)
