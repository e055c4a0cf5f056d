"""Numbers that only go up, one row for each series; two writers never get the same one."""

from sqlalchemy import Connection

from mailbox_api.store import tables
from mailbox_api.store.database import upsert


def count(connection: Connection, name: str) -> int:
    """The next number of the series, from 1."""
    table = tables.counter
    statement = upsert(connection, table).values(name=name, value=1)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.name], set_={"value": table.c.value + 1}
    )
    value: int = connection.execute(statement.returning(table.c.value)).scalar_one()
    return value
