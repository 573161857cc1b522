"""Answers spoiled by armed faults, and the shapes that Ponto is not known to have but may."""

from __future__ import annotations

import re
from typing import Any

from sandbox.conditions import faults
from sandbox.conditions.faults import Target


def spoil(answer: dict[str, Any], target: Target) -> None:
    """Lets a fault in content happen to an answer that is a list with rows, in place."""
    rows = answer.get("data")
    if not isinstance(rows, list) or not rows:
        return
    match faults.happening(target, in_content=True):
        case faults.UnreadableAmount(word=word):
            rows[0] = _with(rows[0], amount=word)
        case faults.UnknownCurrency(variant=variant, code=code):
            rows[0] = _with(rows[0], currency=None if variant == "none" else code)
        case faults.Shape(name="short_links"):
            links = answer["links"].items()
            answer["links"] = {name: re.sub(r"page\[(\w+)\]", r"\1", link) for name, link in links}
        case faults.Shape(name="no_paging"):
            answer.pop("meta", None)
        case faults.Shape(name="bare_rows"):
            answer["data"] = [_bare(row) for row in rows]


def _with(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**row, "attributes": {**row["attributes"], **changes}}


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the attributes that may be missing."""
    needed = ("amount", "currency", "executionDate", "name")
    return {**row, "attributes": {name: row["attributes"][name] for name in needed if name in row["attributes"]}}
