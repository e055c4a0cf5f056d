"""Statements that SQLAlchemy writes once and that then run without it, at a tenth of its cost.

For what every letter needs; everything else is plain Core. The connection is Core's, so is its transaction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.types import TypeEngine

Row = tuple[Any, ...]
Process = Callable[[Any], Any] | None


class Prepared:
    """`build` gives the statement in the words of a database (`sqlite` or `postgresql`), `columns` what it inserts."""

    def __init__(self, build: Callable[[str], Any], columns: Sequence[str] | None = None) -> None:
        self._build = build
        self._columns = columns
        self._texts: dict[str, _Text] = {}

    def many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run it for every row, in one round trip. How many rows it touched."""
        text = self._text(connection)
        with _cursor(connection) as cursor:
            if len(rows) == 1:
                cursor.execute(text.sql, text.bound(rows[0]))
            elif rows:
                cursor.executemany(text.sql, [text.bound(row) for row in rows])
            return int(cursor.rowcount) if rows else 0

    def each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
        """What it finds for all these, in one round trip."""
        text = self._text(connection)
        found: list[Row] = []
        with _cursor(connection) as cursor:
            if len(rows) == 1 or connection.dialect.name == "sqlite":
                for row in rows:
                    found += cursor.execute(text.sql, text.bound(row))
            elif rows:
                cursor.executemany(text.sql, [text.bound(row) for row in rows], returning=True)
                more = True
                while more:
                    found += cursor
                    more = cursor.nextset()
        return text.read(found)

    def one(self, connection: Connection, **values: Any) -> Row:
        (row,) = self.each(connection, [values])
        return row

    def _text(self, connection: Connection) -> "_Text":
        dialect = connection.dialect
        if (text := self._texts.get(dialect.name)) is None:
            text = self._texts[dialect.name] = _Text(self._build(dialect.name), self._columns, dialect)
        return text


class _Text:
    def __init__(self, statement: Any, columns: Sequence[str] | None, dialect: Dialect) -> None:
        style = "qmark" if dialect.name == "sqlite" else "format"
        in_order = type(dialect)(paramstyle=style)  # type: ignore[call-arg]  # every dialect of SQLAlchemy's has it
        compiled = statement.compile(dialect=in_order, column_keys=columns)
        self.sql: str = compiled.string
        names = compiled.positiontup or ()
        self._parameters = [(name, compiled.binds[name].value) for name in names]
        processes = [_in(compiled.binds[name].type, dialect) for name in names]
        self._processed = [(at, process) for at, process in enumerate(processes) if process is not None]
        self._results = [_out(column.type, dialect) for column in statement.exported_columns]

    def bound(self, row: Mapping[str, Any]) -> Row:
        """In the order of the placeholders; what the statement itself says fills the rest."""
        values = [row.get(name, own) for name, own in self._parameters]
        for at, process in self._processed:
            values[at] = process(values[at])
        return tuple(values)

    def read(self, rows: list[Row]) -> list[Row]:
        if not any(self._results):
            return rows
        return [
            tuple([value if process is None else process(value) for value, process in zip(row, self._results, strict=True)])
            for row in rows
        ]  # fmt: skip


def _in(kind: TypeEngine[Any], dialect: Dialect) -> Process:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out(kind: TypeEngine[Any], dialect: Dialect) -> Process:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


@contextmanager
def _cursor(connection: Connection) -> Iterator[Any]:
    """The driver's own; a connection that broke in use is not used again."""
    raw = connection.connection
    cursor = raw.cursor()
    try:
        yield cursor
    except Exception as error:
        # the driver's own error is asked about, of which Core's types say nothing
        if connection.dialect.is_disconnect(error, raw, cursor):  # type: ignore[arg-type]
            connection.invalidate(error)
        raise
    finally:
        cursor.close()
