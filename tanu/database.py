"""Engines: SQLite embedded (WAL, FULL), its tables, and the version of their shape."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

import issuer.ends.ledger
import issuer.ledger
import issuer.register.ledger
import registry.figures
import registry.ledger
from schemas.errors import Refused

VERSION = 4
"""Of the tables' shape. A database of an older version gets the tables, columns, indices and triggers that it lacks.
One of a newer version is left alone: who knows nothing of the rules of 2 would publish what they hold back, who knows
nothing of the tokens of 3 would leave them behind when a state changes, and who knows nothing of the triggers
and proposals of 4 would keep a signature that they refuse, and let one person end a document."""


def open_database(path: Path) -> Engine:
    """The engine of a home's database, its tables made where they are missing.

    Raises `Refused` for a database of a newer version, and for a file that is no database or cannot be written.
    """
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None, "timeout": 30})
    sa.event.listen(engine, "connect", _set_up)
    sa.event.listen(engine, "begin", _begin)
    try:
        with registry.ledger.writing(engine) as connection:
            found = _checked_version(connection)
            registry.ledger.metadata.create_all(connection)
            issuer.ledger.metadata.create_all(connection)
            if found != VERSION:  # whoever only looks writes nothing
                _grow(connection, registry.ledger.metadata, issuer.ledger.metadata)
                registry.figures.recount(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
    except sa.exc.DatabaseError as error:
        raise Refused.saying("home.database", path=path, problem=type(error.orig).__name__) from None
    return engine


def _set_up(connection: Any, _record: Any) -> None:
    pragmas = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 30000")
    for pragma in (*pragmas, "recursive_triggers = ON"):  # without the last, REPLACE removes rows past the triggers
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _grow(connection: Connection, *shapes: sa.MetaData) -> None:
    """What tables of an older version lack: columns and indices; their triggers are made anew."""
    there = sa.inspect(connection)
    for (trigger,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
    for table in (table for shape in shapes for table in shape.sorted_tables):
        known = {column["name"] for column in there.get_columns(table.name)}
        for column in (column for column in table.columns if column.name not in known):
            words = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {words}")
        for index in table.indexes:
            index.create(connection, checkfirst=True)
        for refusal in table.info.get(registry.ledger.REFUSALS, {}).values():
            connection.execute(refusal)


def _checked_version(connection: Connection) -> int:
    found = int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0)
    if found > VERSION:
        raise Refused.saying("home.newer_database", found=found, known=VERSION)
    return found
