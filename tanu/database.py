"""Engines: SQLite embedded (WAL, FULL), its tables, and the version of their shape.

What goes wrong with the disk or the file while a home is used leaves as `Unrecorded`, with a sentence: the transaction
is undone, and what was confirmed before stays (docs/reliability.md).
"""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, ExceptionContext

import issuer.ends.ledger
import issuer.ledger
import issuer.register.ledger
import registry.figures
import registry.ledger
from schemas.errors import Refused, Unavailable
from schemas.languages import Text, say

VERSION = 4
"""Of the tables' shape. A database of an older version gets the tables, columns, indices and triggers that it lacks.
One of a newer version is left alone: who knows nothing of the rules of 2 would publish what they hold back, who knows
nothing of the tokens of 3 would leave them behind when a state changes, and who knows nothing of the triggers
and proposals of 4 would keep a signature that they refuse, and let one person end a document."""


def open_database(path: Path) -> Engine:
    """The engine of a home's database, its tables made where they are missing.

    Raises `Refused` for a database of a newer version, and for a file that is no database or cannot be written.
    """
    existing = f"sqlite:///file:{quote(str(path.absolute()))}?mode=rw&uri=true"
    # as many connections as are asked for: whoever holds the write lock reads by another one, and must get it
    engine = sa.create_engine(existing, max_overflow=-1, connect_args={"isolation_level": None, "timeout": 30})
    sa.event.listen(engine, "connect", _set_up)
    sa.event.listen(engine, "connect", partial(_note_file, path))
    sa.event.listen(engine, "begin", partial(_check_file, path))
    sa.event.listen(engine, "begin", _begin)
    try:
        path.touch(0o600)
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
    except OSError as error:
        raise Refused.saying("home.database", path=path, problem=error.strerror or type(error).__name__) from None
    sa.event.listen(engine, "handle_error", _tell)
    return engine


class Unrecorded(Unavailable):
    """The record cannot be read or written now; what was to be recorded is not. A visitor is told that it cannot be
    had; `cause` says to the office what is wrong and how to mend it."""

    def __init__(self, cause: Text) -> None:
        super().__init__(say("record.unavailable"))
        self.args = (cause.en,)
        self.cause = cause


class DiskFails(Unrecorded):
    """The disk has not confirmed what it was given; what memory holds of the file may differ from it. Whoever goes on
    must open the file anew: a service ends itself, and is started again."""


_FAULTS = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_IOERR: "disk",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_CANTOPEN: "gone",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_PROTOCOL: "busy",
    sqlite3.SQLITE_NOMEM: "disk",
}
"""SQLite's primary result code → the sentence for it. What is not listed is a fault of ours, and told as one."""
_UNCONFIRMED = ("SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC")


def unrecorded(error: BaseException) -> Unrecorded | None:
    """What an error says of the record; None where it is a fault of ours."""
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        return unrecorded(error.orig)  # a second error, while the first was handled
    if isinstance(error, Unrecorded) or not isinstance(error, sqlite3.Error):
        return error if isinstance(error, Unrecorded) else None
    if getattr(error, "sqlite_errorname", "") in _UNCONFIRMED:
        return DiskFails(say("record.disk"))
    fault = _FAULTS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return None if fault is None else Unrecorded(say(f"record.{fault}"))


def _tell(context: ExceptionContext) -> None:
    if told := unrecorded(context.original_exception):
        raise told from context.original_exception


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _note_file(path: Path, _connection: Any, record: Any) -> None:
    record.info["file"] = _identity(path)


def _check_file(path: Path, connection: Connection) -> None:
    """A file that was moved or replaced keeps its old connections, and what they write is lost to everybody else."""
    if connection.info["file"] in (None, _identity(path)):
        return
    connection.invalidate()
    raise Unrecorded(say("record.gone"))


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
