"""Databases on a PostgreSQL server: made, dropped, and their addresses."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

SCHEMES = {"postgres", "postgresql"}


def is_postgresql(url: str) -> bool:
    """Whether an address is that of a PostgreSQL database."""
    return urlsplit(url).scheme in SCHEMES


def sibling(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def create(url: str, name: str) -> str:
    """Makes an empty database beside the one at ``url``, in place of one of that name; gives its address."""
    drop(url, name)
    _run(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return sibling(url, name)


def drop(url: str, name: str) -> None:
    """Removes a database, also from under those who are connected to it. One that is not there is fine."""
    _run(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def answers(url: str) -> bool:
    """Whether the server takes connections."""
    try:
        psycopg2.connect(url, connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def _run(url: str, statement: sql.Composed) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True  # a database is not made inside a transaction
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
