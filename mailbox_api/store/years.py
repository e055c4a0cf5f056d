"""Years of the working-day calendar that clerks entered."""

from datetime import date, datetime

from sqlalchemy import Connection, select

from bureau.workdays import Year
from mailbox_api.store import tables
from mailbox_api.store.database import upsert


def entered(connection: Connection) -> dict[int, Year]:
    return {
        row.year: Year(
            frozenset(map(date.fromisoformat, row.off)),
            frozenset(map(date.fromisoformat, row.on)),
            row.source,
        )
        for row in connection.execute(select(tables.workyear))
    }


def enter(connection: Connection, number: int, year: Year, login: str, at: datetime) -> None:
    values = {
        "off": sorted(map(str, year.off)),
        "on": sorted(map(str, year.on)),
        "source": year.source,
        "entered_by": login,
        "entered_at": at,
    }
    statement = upsert(connection.dialect.name, tables.workyear).values(year=number, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[tables.workyear.c.year], set_=values))
