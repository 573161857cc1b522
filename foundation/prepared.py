"""Questions that are asked on every page: put into SQL once in a process, then asked again with other values.

To turn a question into SQL takes Django longer than a database needs for the answer of a small one, and it comes out
the same each time but for the values. Only what is measured to weigh on a page belongs here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
LARGEST = 2**63 - 1


class Given(Expression):
    """Stands in a question for the value that is given under this name as it is asked; it may not be None."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A parameter with this very object in it; ``Prepared`` puts the value in its place."""
        return "%s", (self,)


@dataclass(frozen=True)
class _Ready(Generic[Row]):
    """A question in SQL."""

    queryset: QuerySet[Any, Row]
    compiler: SQLCompiler
    sql: str
    parameters: tuple[Any, ...]
    # What becomes of each column that a row does not simply bring.
    converters: dict[int, Any]


class Prepared(Generic[Row]):
    """``build`` gives the queryset with a ``Given`` for each value that differs; it is called once.

    The queryset must not depend on anything else that changes, and has no prefetch.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build = build
        self._ready: _Ready[Row] | None = None

    def __call__(self, **values: Any) -> list[Row]:
        """The rows for these values, by the names of the ``Given``. Raises ``KeyError`` where one is missing.

        No row is found by a number that no column can hold.
        """
        if any(isinstance(value, int) and abs(value) > LARGEST for value in values.values()):
            return []
        ready = self._ready = self._ready or self._prepare()
        connection = connections[ready.queryset.db]
        compiler = copy.copy(ready.compiler)
        compiler.connection = connection
        parameters = tuple(_value(one, values, connection) for one in ready.parameters)
        compiler.get_converters = lambda expressions: ready.converters  # type: ignore[method-assign]
        compiler.as_sql = lambda *_args, **_options: (ready.sql, parameters)  # type: ignore[method-assign]
        asked = ready.queryset.all()
        asked.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
        return list(asked)

    def _prepare(self) -> _Ready[Row]:
        # Two threads may do it at once: both come to the same.
        queryset = self._build()
        compiler = queryset.query.get_compiler(using=queryset.db)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_names in compiler.select[: compiler.col_count]])
        return _Ready(queryset, compiler, sql, tuple(parameters), converters)


def _value(parameter: Any, values: Mapping[str, Any], connection: Any) -> Any:
    if isinstance(parameter, Given):
        return parameter.output_field.get_db_prep_value(values[parameter.name], connection)
    return parameter
