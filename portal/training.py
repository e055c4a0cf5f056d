"""《培训签到表》 with the list of materials, to be printed before a training or kept after it."""

import json
from datetime import datetime
from pathlib import Path

from bureau import config
from bureau.errors import ConfigError
from checks.report.document import Block, Column, Document, Heading, Paragraph, Table
from mailbox_api.service.desk import OpenTicket
from mailbox_api.service_ticket import Kind

EMPTY_LINES = 20
MATERIALS = ("编辑手册 docs/editor.md", "运维手册 docs/operator.md", "培训课程与练习 docs/trainer.md")


def sheet(root: Path, opened: OpenTicket) -> Document:
    """Filled from the ticket where the training is recorded, else with lines to write on."""
    ticket = opened.ticket
    if ticket.kind is not Kind.TRAINING:
        raise ConfigError(ticket.number, "不是培训工单")
    site = config.load(root / "site.toml")
    recorded = [json.loads(entry.body) for entry in opened.timeline if entry.kind == "training"]
    facts = recorded[-1] if recorded else {}
    names = facts.get("attendees") or [""] * EMPTY_LINES
    return Document(
        title="培训签到表",
        issuer=site.contract.contractor,
        recipient=site.identity.organizer,
        dated=ticket.opened_at.astimezone().date()
        if not facts
        else datetime.fromisoformat(facts["held_on"]).date(),
        blocks=(*_head(ticket.title, facts), Heading(1, "签到"), _attendance(names), *_materials(facts)),
    )


def _head(title: str, facts: dict[str, object]) -> list[Block]:
    held, place, hours = (facts.get(name) or "＿＿＿＿＿＿" for name in ("held_on", "place", "hours"))
    return [Paragraph(f"培训内容：{title}"), Paragraph(f"日期：{held}　地点：{place}　学时：{hours}")]


def _attendance(names: list[str]) -> Table:
    columns = (Column("序号", 1), Column("姓名", 3), Column("处室", 4), Column("签名", 4))
    rows = tuple((str(number), name, "", "") for number, name in enumerate(names, 1))
    return Table("签到", columns, rows)


def _materials(facts: dict[str, object]) -> list[Block]:
    listed = facts.get("materials")
    papers = [str(paper) for paper in listed] if isinstance(listed, list) else list(MATERIALS)
    rows = tuple((str(number), paper) for number, paper in enumerate(papers, 1))
    return [Heading(1, "材料清单"), Table("材料清单", (Column("序号", 1), Column("材料", 9)), rows)]
