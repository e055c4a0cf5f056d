"""民意征集: the article that a letter answers. It is open from its first to its last day."""

import re
from datetime import date
from pathlib import Path

from bureau import front_matter
from mailbox_api.errors import Conflict, Invalid

ID = re.compile(r"\d{8}-\d{1,9}")


def require_open(content: Path, article_id: str, today: date) -> str:
    """The title of the consultation. Raises Invalid for one that does not exist, Conflict for one not open."""
    unknown = Invalid({"consultation": "没有这项民意征集，请从征集页面进入"})
    if not ID.fullmatch(article_id):
        raise unknown
    path = next(content.glob(f"**/{article_id}-*.md"), None)
    if path is None:
        raise unknown
    head = front_matter.parse(path, path.read_text("utf-8")).values
    if "closes" not in head or head.get("status") in ("draft", "withdrawn"):
        raise unknown
    opens, closes = _day(head.get("opens")), _day(head["closes"])
    if opens is not None and today < opens:
        raise Conflict(f"征集从{opens}开始，请到时再来")
    if closes is None or today > closes:
        raise Conflict(f"征集已于{closes or '征集期满时'}结束，谢谢您的关注")
    return str(head.get("title", ""))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
