"""The index behind the search for banks: pg_trgm on PostgreSQL, FTS5 on SQLite, the same answers from both.

It is made out of the directory's rows and can be thrown away: every ``migrate`` puts in place what is missing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.db import DatabaseError, connections, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from connections.models.institution import Institution, InstitutionQuerySet, enclosed

log = logging.getLogger(__name__)

# Both indexes know a text by its runs of three letters: a shorter word cannot be looked up in them.
GRAM = 3
TABLE = Institution._meta.db_table
WITHOUT_TRIGRAMS = (
    "banks are found without forgiving mistyped letters: pg_trgm is missing in the database and this user may not "
    "make it; run CREATE EXTENSION pg_trgm as its administrator, then migrate again"
)


class SearchIndex:
    """What a database without an index of its own can do: look at every row, for exactly the letters typed."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def prepare(self) -> None:
        """Puts in place what is missing. Safe to call again."""

    def keep(self, institutions: Sequence[Institution]) -> None:
        """Takes in rows that were written a moment ago, in the same transaction."""

    def holding(self, rows: InstitutionQuerySet, words: Sequence[str]) -> InstitutionQuerySet:
        """Those of the rows whose name or BIC holds every one of the folded words."""
        for word in words:
            rows = rows.filter(_starts(word) if len(word) < GRAM and word.isascii() else Q(folded__contains=word))
        return rows

    def nearest(self, text: str, *, country: str, limit: int) -> list[str]:
        """The keys of the banks that share most of the folded text's runs of letters; none where nothing can tell."""
        return []

    def _read(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with connections[self.alias].cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())

    def _do(self, *statements: str) -> None:
        with connections[self.alias].cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


class PostgresIndex(SearchIndex):
    """A GIN index for what is held, a GiST index for what is near."""

    def prepare(self) -> None:
        """The extension, where this user may make it, and both indexes. Without it, one sentence in the log."""
        try:
            with transaction.atomic(using=self.alias):
                self._do("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError:
            log.warning(WITHOUT_TRIGRAMS)
            return
        self._do(
            f"CREATE INDEX IF NOT EXISTS institution_letters ON {TABLE} USING gin (folded gin_trgm_ops)",
            f"CREATE INDEX IF NOT EXISTS institution_nearest ON {TABLE} USING gist (folded gist_trgm_ops(siglen=64))",
        )

    def nearest(self, text: str, *, country: str, limit: int) -> list[str]:
        """By the likeness of ``text`` to any part of a name. A country's rows are picked first: they are few."""
        if not self._has_trigrams():
            return []
        if not country:
            sql = f"SELECT bank FROM {TABLE} WHERE NOT is_removed ORDER BY folded <->> %s LIMIT %s"  # noqa: S608
            return _once(self._read(sql, [text, limit]))
        sql = f"""
            WITH here AS MATERIALIZED (
                SELECT bank, folded FROM {TABLE} WHERE NOT is_removed AND country_codes LIKE %s
            )
            SELECT bank FROM here ORDER BY folded <->> %s LIMIT %s
            """  # noqa: S608
        return _once(self._read(sql, [f"%{enclosed([country])}%", text, limit]))

    def _has_trigrams(self) -> bool:
        return bool(self._read("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'"))


class SqliteIndex(SearchIndex):
    """A table of runs of three letters. It has no triggers: they would be lost with every change of the table."""

    LETTERS = "connections_institution_letters"

    def prepare(self) -> None:
        """The table, filled with all rows when it is new."""
        if self._read("SELECT 1 FROM sqlite_master WHERE name = %s", [self.LETTERS]):
            return
        self._do(
            f"CREATE VIRTUAL TABLE {self.LETTERS} USING fts5(folded, tokenize='trigram')",
            f"INSERT INTO {self.LETTERS} (rowid, folded) SELECT id, folded FROM {TABLE}",  # noqa: S608
        )

    def keep(self, institutions: Sequence[Institution]) -> None:
        """Takes in rows that were written a moment ago, in place of what was known of them."""
        rows = [(one.pk, one.folded) for one in institutions]
        with connections[self.alias].cursor() as cursor:
            cursor.executemany(f"DELETE FROM {self.LETTERS} WHERE rowid = %s", [row[:1] for row in rows])  # noqa: S608
            cursor.executemany(f"INSERT INTO {self.LETTERS} (rowid, folded) VALUES (%s, %s)", rows)  # noqa: S608

    def holding(self, rows: InstitutionQuerySet, words: Sequence[str]) -> InstitutionQuerySet:
        """Long words by the table, short ones by looking at what those leave."""
        long = [word for word in words if len(word) >= GRAM]
        if long:
            match = " AND ".join(_quoted(word) for word in long)
            sql = f"SELECT rowid FROM {self.LETTERS} WHERE {self.LETTERS} MATCH %s"  # noqa: S608
            rows = rows.filter(pk__in=RawSQL(sql, [match]))  # noqa: S611 - our own words and a parameter
        return super().holding(rows, [word for word in words if word not in long])

    def nearest(self, text: str, *, country: str, limit: int) -> list[str]:
        """By how many of the rarer runs of three letters a row shares with ``text``."""
        grams = sorted({text[at : at + GRAM] for at in range(len(text) - GRAM + 1)})
        if not grams:
            return []
        sql = f"""
            SELECT one.bank FROM {self.LETTERS} letters JOIN {TABLE} one ON one.id = letters.rowid
            WHERE letters.{self.LETTERS} MATCH %s AND NOT one.is_removed AND one.country_codes LIKE %s
            ORDER BY letters.rank LIMIT %s
            """  # noqa: S608
        within = f"%{enclosed([country])}%" if country else "%"
        return _once(self._read(sql, [" OR ".join(_quoted(gram) for gram in grams), within, limit]))


_KINDS: dict[str, type[SearchIndex]] = {"postgresql": PostgresIndex, "sqlite": SqliteIndex}


def index(alias: str = "default") -> SearchIndex:
    """The index of a database."""
    return _KINDS.get(connections[alias].vendor, SearchIndex)(alias)


@receiver(post_migrate)
def prepare(sender: AppConfig, using: str, **_told: Any) -> None:
    """After every migrate: no migration of its own, so that it also comes back after a change of the table."""
    if sender.name == "connections" and TABLE in connections[using].introspection.table_names():
        index(using).prepare()


def _starts(word: str) -> Q:
    """A name in which some word begins so: short words stand in the middle of nearly every name."""
    return Q(folded__startswith=word) | Q(folded__contains=f" {word}")


def _quoted(text: str) -> str:
    """A text as FTS5 takes it literally."""
    return '"' + text.replace('"', '""') + '"'


def _once(rows: list[tuple[Any, ...]]) -> list[str]:
    return list(dict.fromkeys(key for (key,) in rows))
