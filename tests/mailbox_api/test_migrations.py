"""From every earlier revision up to now, on both databases; what was stored stays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from mailbox_api.store import audit, tables
from mailbox_api.store.database import MIGRATIONS, VERSIONS, Database

REVISIONS = sorted(path.name.partition("_")[0] for path in VERSIONS.glob("0*.py"))
AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'mailbox.db'}")
    else:
        database = Database(request.getfixturevalue("cluster").empty_database())
    yield database
    database.close()


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_comes_up_to_date_and_keeps_its_rows(empty: Database, revision: str) -> None:
    empty.upgrade(revision)
    with empty.write() as connection:
        audit.record(connection, AT, "system", "test", "2026-000001", {"revision": revision})
        connection.execute(insert(tables.counter).values(name="letter-2026", value=7))
    assert empty.is_current() == (revision == REVISIONS[-1])
    empty.upgrade()

    assert empty.is_current()
    with empty.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        assert connection.execute(select(tables.counter.c.value)).scalars().all() == [7]
    assert audit.verify(empty).checked == 1
    assert audit.verify(empty).broken_at is None
    empty.upgrade()  # a second time changes nothing
    assert empty.is_current()


def test_the_audit_log_only_grows(empty: Database) -> None:
    empty.upgrade()
    with empty.write() as connection:
        audit.record(connection, AT, "system", "test", "")
    for statement in (update(tables.audit).values(actor="x"), delete(tables.audit)):
        with pytest.raises(DBAPIError, match="append-only"), empty.write() as connection:
            connection.execute(statement)


def test_the_files_are_named_by_their_revisions_in_one_line() -> None:
    """What `Database.is_current` relies on."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)

    assert scripts.get_heads() == [REVISIONS[-1]]
    assert sorted(script.revision for script in scripts.walk_revisions()) == REVISIONS
