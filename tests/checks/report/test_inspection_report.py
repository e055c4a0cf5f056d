"""The inspection report says what is bad, what recovered and what could not be read."""

from datetime import UTC, date, datetime, timedelta

from checks.report.document import Block, Paragraph, Table
from checks.report.inspection import compose, verdict
from checks.server.inspection import Inspection
from checks.server.reading import Reading, State, at_most, unread

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)  # Tuesday 02:00 in Kunming


def inspection(at: datetime, *readings: Reading) -> Inspection:
    return Inspection(at=at, host="示例主机", readings=readings)


def disk(percent: float) -> Reading:
    return at_most("disk", "磁盘空间", percent, 85, unit="%", advice="清理旧发布")


def table(blocks: tuple[Block, ...], title: str) -> Table:
    return next(block for block in blocks if isinstance(block, Table) and block.title == title)


def test_bad_and_unread_items_stand_in_the_verdict_and_the_list_of_things_to_do() -> None:
    now = inspection(NOW, disk(91), unread("sms", "短信余量", "网关没有提供"))
    document = compose(now, None, issuer="甲", recipient="乙")

    assert verdict(now) == "共 2 项，正常 0 项，异常 1 项（磁盘空间），未读到 1 项。"
    assert table(document.blocks, "需要处理的事项").rows == (("磁盘空间", "91 %", "清理旧发布"),)
    assert document.dated == date(2026, 11, 24)


def test_the_change_since_the_last_inspection_is_shown() -> None:
    before = inspection(NOW - timedelta(days=7), disk(91))
    now = inspection(NOW, disk(60.5))
    document = compose(now, before, issuer="甲", recipient="乙")

    assert table(document.blocks, "巡检项目一览").rows[0][-1] == "-30.5"
    assert any(isinstance(block, Paragraph) and "已恢复：磁盘空间" in block.text for block in document.blocks)
    assert now.readings[0].state is State.GOOD
