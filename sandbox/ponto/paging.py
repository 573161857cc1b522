"""Pages of a list in both ways that Ponto writes them: ``page[limit]`` and ``limit``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import QueryDict

from sandbox.ponto import errors

T = TypeVar("T")
LARGEST = 100
USUAL = 10


def page(
    found: Sequence[T], query: QueryDict, *, url: str, named: Callable[[T], str], shown: Callable[[T], Any]
) -> dict[str, Any]:
    """One page of what was found, in its order. ``named`` gives a row's id, ``shown`` its resource.

    ``after`` is the id of the last row of the page before, ``before`` that of the first row of the page behind.
    """
    limit, is_short = _limit(query), "limit" in query
    after, before = _asked(query, "after"), _asked(query, "before")
    start = _place(found, after, named=named) + 1 if after else 0
    if before:
        end = _place(found, before, named=named)
        start = max(0, end - limit)
        rows = found[start:end]
    else:
        rows = found[start : start + limit]
    has_more = start + len(rows) < len(found)
    links = {"first": _link(url, query, limit=limit, after="", is_short=is_short)}
    if has_more and rows:
        links["next"] = _link(url, query, limit=limit, after=named(rows[-1]), is_short=is_short)
    return {
        "data": [shown(row) for row in rows],
        "links": links,
        "meta": {"paging": {"limit": limit, "after": after or None, "before": before or None}},
    }


def _asked(query: QueryDict, name: str) -> str:
    return query.get(f"page[{name}]") or query.get(name) or ""


def _limit(query: QueryDict) -> int:
    text = _asked(query, "limit") or str(USUAL)
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST:
        raise errors.invalid("limit", f"must be between 1 and {LARGEST}")
    return int(text)


def _place(found: Sequence[T], wanted: str, *, named: Callable[[T], str]) -> int:
    for place, row in enumerate(found):
        if named(row) == wanted:
            return place
    raise errors.not_found("transaction")


def _link(url: str, query: QueryDict, *, limit: int, after: str, is_short: bool) -> str:
    """The address of another page; filters stay."""
    names = {"limit": str(limit), **({"after": after} if after else {})}
    paging = names if is_short else {f"page[{name}]": value for name, value in names.items()}
    filters = {name: value for name, value in query.items() if name.startswith("filter[")}
    return f"{url}?{urlencode({**filters, **paging}, safe='[]')}"
