"""Small facts that outlive a process: when the last copy was made, until when reminders were looked at."""

from datetime import datetime

from sqlalchemy import Connection, select

from mailbox_api.store import tables
from mailbox_api.store.database import upsert


def moment(connection: Connection, name: str) -> datetime | None:
    """None when it was never kept."""
    table = tables.setting
    value = connection.execute(select(table.c.value).where(table.c.name == name)).scalar_one_or_none()
    return None if value is None else datetime.fromisoformat(value["at"])


def keep_moment(connection: Connection, name: str, at: datetime) -> None:
    value = {"at": at.isoformat()}
    insertion = upsert(connection.dialect.name, tables.setting).values(name=name, value=value)
    connection.execute(
        insertion.on_conflict_do_update(index_elements=[tables.setting.c.name], set_={"value": value})
    )
