"""What gateways report afterwards: every report is kept, and settles the row it names."""

from datetime import datetime

from sqlalchemy import Connection, insert, or_, update

from mailbox_api.notices import State
from mailbox_api.store import tables


def record(
    connection: Connection,
    *,
    adapter: str,
    provider_id: str,
    out_id: str,
    delivered: bool,
    code: str,
    at: datetime,
) -> None:
    connection.execute(
        insert(tables.receipt).values(
            adapter=adapter,
            received_at=at,
            provider_id=provider_id,
            out_id=out_id,
            delivered=delivered,
            code=code,
        )
    )
    table = tables.outbox
    named = [table.c.provider_id == provider_id] if provider_id else []
    if out_id.startswith("kmjt") and out_id[4:].isdigit():
        named.append(table.c.id == int(out_id[4:]))
    if not named:
        return
    connection.execute(
        update(table)
        .where(or_(*named), table.c.state.in_([State.SENDING, State.UNKNOWN, State.SENT]))
        .values(state=State.DELIVERED if delivered else State.DEAD, last_code=code, lease_until=None)
    )
