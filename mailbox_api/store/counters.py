"""Numbers that only go up, one row for each series; two writers never get the same one."""

from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam

from mailbox_api.store import tables
from mailbox_api.store.database import upsert
from mailbox_api.store.prepared import Prepared


def count(connection: Connection, name: str, by: int = 1) -> int:
    """The series' last number after taking `by` of them; until the commit nobody else can take one.

    With `by=0` nothing is taken: the writers of several processes only wait for their turn.
    """
    value: int = _COUNTING.one(connection, series=name, by=by)[0]
    return value


def _counting(dialect: str) -> Any:
    table, by = tables.counter, bindparam("by", type_=BigInteger)
    statement = upsert(dialect, table).values(name=bindparam("series"), value=by)
    return statement.on_conflict_do_update(
        index_elements=[table.c.name], set_={"value": table.c.value + by}
    ).returning(table.c.value)


_COUNTING = Prepared(_counting)
