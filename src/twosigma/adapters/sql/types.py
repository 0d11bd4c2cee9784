"""Column types and SQL words that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

from sqlalchemy import JSON, BigInteger, DateTime, Double, Integer
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""An id of 64 bits: SQLite makes row ids of INTEGER columns only."""

Json = JSON(none_as_null=True)
"""JSON kept as the text it was written as (PostgreSQL's jsonb would reorder it)."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant with microseconds, kept in UTC; naive times are refused, aware ones come out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant needs its time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.replace(tzinfo=UTC)


class DatabaseSeconds(FunctionElement[float]):
    """The database's own clock, now (not at the transaction's start), in Unix seconds."""

    type = Double()
    inherit_cache = True


POSTGRES_SECONDS = "extract(epoch from clock_timestamp())::double precision"
SQLITE_SECONDS = "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseSeconds, "postgresql")
def _postgres_seconds(_element: object, _compiler: SQLCompiler, **_: Any) -> str:
    return POSTGRES_SECONDS


@compiles(DatabaseSeconds, "sqlite")
def _sqlite_seconds(_element: object, _compiler: SQLCompiler, **_: Any) -> str:
    return SQLITE_SECONDS


class UtcHour(FunctionElement[str]):
    """The clock hour of an instant, in UTC, as a value to group by."""

    inherit_cache = True


@compiles(UtcHour, "postgresql")
def _postgres_hour(element: UtcHour, compiler: SQLCompiler, **more: Any) -> str:
    return f"date_trunc('hour', {compiler.process(element.clauses, **more)} AT TIME ZONE 'UTC')"


@compiles(UtcHour, "sqlite")
def _sqlite_hour(element: UtcHour, compiler: SQLCompiler, **more: Any) -> str:
    return f"substr({compiler.process(element.clauses, **more)}, 1, 13)"


class QuestionCount(FunctionElement[int]):
    """How many questions an item's data holds."""

    type = Integer()
    inherit_cache = True


@compiles(QuestionCount, "postgresql")
def _postgres_questions(element: QuestionCount, compiler: SQLCompiler, **more: Any) -> str:
    found = f"{compiler.process(element.clauses, **more)} -> 'questions'"
    is_list = f"json_typeof({found}) = 'array'"
    return f"CASE WHEN {is_list} THEN json_array_length({found}) ELSE 0 END"


@compiles(QuestionCount, "sqlite")
def _sqlite_questions(element: QuestionCount, compiler: SQLCompiler, **more: Any) -> str:
    data = compiler.process(element.clauses, **more)
    return f"coalesce(json_array_length({data}, '$.questions'), 0)"


def fold(text: str) -> str:
    """The form in which names are told apart and searched, the same on both databases."""
    return normalize("NFC", text).casefold()


def sqlite_instant(instant: datetime) -> str:
    """An instant as `UtcDateTime` writes it on SQLite."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
