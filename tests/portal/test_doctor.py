"""portal doctor: a table that an operator can act on."""

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from portal import health
from portal.health import State

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 25, 9, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


def a_site(folder: Path) -> Path:
    (folder / "content").mkdir()
    shutil.copy(ROOT / "site.toml", folder)
    shutil.copy(ROOT / "content/channels.toml", folder / "content")
    return folder


def readings(root: Path, now: datetime = NOW) -> dict[str, health.Reading]:
    return {reading.what: reading for reading in health.examine(root, now)}


def test_on_this_machine_nothing_necessary_is_missing(tmp_path: Path) -> None:
    found = readings(a_site(tmp_path))

    assert [reading for reading in found.values() if reading.state == State.MISSING] == []
    assert found["英文词典"].state == found["中文字体"].state == found["Chromium"].state == State.OK
    assert found["时钟"].state == State.OK


def test_whatever_is_not_well_says_what_is_lost_and_what_mends_it(tmp_path: Path) -> None:
    found = readings(tmp_path, datetime(2026, 11, 25, 1, 5, tzinfo=ZoneInfo("UTC")))
    unwell = [reading for reading in found.values() if reading.state != State.OK]

    assert {"站点描述", "领导信箱", "时钟"} <= {reading.what for reading in unwell}
    assert found["站点描述"].state == State.MISSING
    assert all(reading.lost and reading.mend for reading in unwell)


def test_a_clock_behind_the_newest_article_is_noticed(tmp_path: Path) -> None:
    article = a_site(tmp_path) / "content/1.md"
    article.touch()
    past = datetime(2020, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))

    assert "早于最近改动的稿件" in readings(tmp_path, past)["时钟"].detail
