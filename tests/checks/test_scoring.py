"""Scores against hand-computed examples, and the laws that hold for every set of measures."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.errors import ConfigError
from checks.scoring import Counted, Part, Table, Unjudged, load_table, score

DATA = Path(__file__).parents[2] / "checks" / "data"
TABLE_2019 = load_table(DATA / "indicators-2019.toml")
TABLE_2015 = load_table(DATA / "census-2015.toml")
BOTH = pytest.mark.parametrize("table", [TABLE_2019, TABLE_2015], ids=["2019", "2015"])


def clean(table: Table) -> dict[str, Counted | Unjudged]:
    return dict.fromkeys(table.measures, Counted(Decimal(0)))


def with_counts(table: Table, **counts: float) -> dict[str, Counted | Unjudged]:
    given_counts = {key.replace("_", "-"): Counted(Decimal(str(value))) for key, value in counts.items()}
    assert given_counts.keys() <= set(table.measures)
    return clean(table) | given_counts


@BOTH
def test_a_clean_site_keeps_all_points_and_has_no_veto(table: Table) -> None:
    result = score(table, clean(table))

    assert (result.total, result.vetoes, result.unjudged) == (100, (), ())
    assert result.passed


@BOTH
def test_the_caps_add_up_to_the_full_score(table: Table) -> None:
    deductions = [row for row in table.rows if row.part is Part.DEDUCT]
    pools = {row.pool: row.cap for row in deductions if row.pool}

    assert sum(row.cap for row in deductions if not row.pool) + sum(pools.values()) == 100


@BOTH
def test_every_row_costs_what_its_items_say_up_to_its_cap(table: Table) -> None:
    """One of each row's first item alone: the hand-computed cost is min(points, cap)."""
    for row in table.rows:
        if row.part is Part.VETO:
            continue
        item = row.items[0]
        result = score(table, clean(table) | {item.measure: Counted(Decimal(1))})
        mine = next(scored for scored in result.rows if scored.indicator is row)

        assert mine.points == min(item.points, row.cap), row.id


HAND_COMPUTED = [
    pytest.param(TABLE_2019, {"dead_links_home": 3}, Decimal("99.4"), id="首页三个死链各扣0.2"),
    pytest.param(TABLE_2019, {"dead_links_home": 3, "dead_links_other": 50}, 99, id="死链最多扣1分"),
    pytest.param(TABLE_2019, {"news_stale": 1, "policy_stale": 1}, 90, id="要闻与政策文件都未更新"),
    pytest.param(TABLE_2019, {"guide_elements_missing": 5, "guides_with_vague_wording": 1}, Decimal("95.5"), id="指南"),
    pytest.param(TABLE_2019, {"missing_footer_marks": 6}, 97, id="六项标识全缺"),
    pytest.param(TABLE_2019, {"service_statistics_stale_1_month": 1, "service_statistics_stale_3_months": 1}, 98, id="办事统计上限2"),
    pytest.param(TABLE_2015, {"dead_links_home": 2, "dead_links_other": 7}, Decimal("97.3"), id="普查死链"),
    pytest.param(TABLE_2015, {"stale_news_channels": 5, "stale_notice_policy_channels": 3}, 75, id="更新共扣25为上限"),
    pytest.param(TABLE_2015, {"home_updates_below_10": 1, "stale_personnel_plan_channels": 1}, 90, id="首页与规划"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "counts", "expected"), HAND_COMPUTED)
def test_hand_computed_examples(table: Table, counts: dict[str, float], expected: Decimal) -> None:
    assert score(table, with_counts(table, **counts)).deduction_score == expected


def test_bonus_counts_only_above_eighty() -> None:
    bonus = {"data_updated_in_3_months": 1, "rich_interpretations": 3}

    assert score(TABLE_2019, with_counts(TABLE_2019, **bonus)).total == 105
    low = {"no_consult_entry": 1, "news_stale": 1, "policy_stale": 1, "no_search": 1}
    assert score(TABLE_2019, with_counts(TABLE_2019, **bonus, **low)).total == 79


def test_a_veto_is_suspected_until_a_named_person_confirms_it() -> None:
    measures = with_counts(TABLE_2019, grave_wording=1)
    suspected = score(TABLE_2019, measures)
    confirmed = score(TABLE_2019, measures, confirmations={"V1.1": "审核员"})

    assert [veto.indicator.id for veto in suspected.vetoes] == ["V1.1"]
    assert suspected.passed
    assert not confirmed.passed


def test_unreachable_is_a_veto_from_five_percent() -> None:
    assert not score(TABLE_2019, with_counts(TABLE_2019, home_unreachable_percent=4.9)).vetoes
    assert score(TABLE_2019, with_counts(TABLE_2019, home_unreachable_percent=5)).vetoes


def test_without_public_services_the_rest_is_scaled() -> None:
    measures = with_counts(TABLE_2019, news_stale=1, no_services=1, guides_unclassified=1)
    result = score(TABLE_2019, measures, public_services=False)

    assert result.deduction_score == Decimal("93.33")
    assert not result.vetoes


@BOTH
def test_what_was_not_judged_is_told_and_is_no_pass(table: Table) -> None:
    measure = table.rows[-1].items[0].measure
    result = score(table, clean(table) | {measure: Unjudged("网络不通")})

    assert any("网络不通" in reason for _, reason in result.unjudged)
    assert score(table, {}).unjudged


COUNTS = st.dictionaries(
    st.sampled_from(TABLE_2019.measures + TABLE_2015.measures),
    st.integers(0, 60).map(Decimal),
)


@BOTH
@given(counts=COUNTS, extra=st.data())
def test_one_more_defect_never_raises_a_score(
    table: Table, counts: dict[str, Decimal], extra: st.DataObject
) -> None:
    rewards = {item.measure for row in table.rows if row.part is Part.BONUS for item in row.items}
    defect = extra.draw(st.sampled_from([name for name in table.measures if name not in rewards]))
    before = clean(table) | {name: Counted(count) for name, count in counts.items()}
    after = before | {defect: Counted(counts.get(defect, Decimal(0)) + 1)}

    assert score(table, after).total <= score(table, before).total
    assert len(score(table, after).vetoes) >= len(score(table, before).vetoes)


@BOTH
@given(counts=COUNTS)
def test_caps_hold_and_order_changes_nothing(table: Table, counts: dict[str, Decimal]) -> None:
    measures = {name: Counted(count) for name, count in counts.items()}
    result = score(table, measures)

    assert all(row.points <= row.indicator.cap for row in result.rows)
    assert 0 <= result.deduction_score <= 100
    assert score(table, dict(reversed(measures.items()))) == result


def test_an_unknown_key_names_the_file_and_the_row(tmp_path: Path) -> None:
    text = (DATA / "census-2015.toml").read_text("utf-8")
    bad = tmp_path / "table.toml"
    bad.write_text(text.replace('id = "C1"\n', 'id = "C1"\nweigth = 3\n'), "utf-8")

    with pytest.raises(ConfigError, match=r"table\.toml.*C1.*weigth"):
        load_table(bad)
