"""Numbers that only go up, one row for each series; two writers never get the same one."""

from sqlalchemy import Connection

from mailbox_api.store import tables
from mailbox_api.store.database import upsert


def count(connection: Connection, name: str, by: int = 1) -> int:
    """The series' last number after taking `by` of them; until the commit nobody else can take one.

    With `by=0` nothing is taken: the writers of several processes only wait for their turn.
    """
    table = tables.counter
    statement = upsert(connection, table).values(name=name, value=by)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.name], set_={"value": table.c.value + by}
    )
    value: int = connection.execute(statement.returning(table.c.value)).scalar_one()
    return value
