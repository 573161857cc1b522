"""Answers as they may come too: spoiled by armed faults, or in another of the shapes that Salt Edge is seen to send."""

from __future__ import annotations

from typing import Any

import msgspec

from sandbox.conditions import faults
from sandbox.conditions.faults import Target


def spoil(answer: dict[str, Any], target: Target) -> None:
    """Lets a fault in content, or another shape, happen to an answer that has something to spoil, in place."""
    data = answer.get("data")
    if not data or target.route not in ("/transactions", "/customers", "/accounts"):
        return
    rows = data if isinstance(data, list) else [data]
    match faults.happening(target, in_content=True):
        case faults.UnreadableAmount(word=word):
            rows[0]["amount"] = word
        case faults.UnknownCurrency(variant=variant, code=code):
            rows[0]["currency_code"] = code if variant != "none" else None
        case faults.Shape(name="old_customer"):
            for row in rows:
                row["id"] = row.pop("customer_id")
                row["secret"] = "a secret of version 5"  # noqa: S105 - it opens nothing
        case faults.Shape(name="number_ids"):
            for row in rows:
                row["id"] = int(row["id"])
        case faults.Shape(name="scientific"):
            for row in rows:
                row["amount"] = msgspec.Raw(f"{row['amount']:E}".encode())
        case faults.Shape(name="spent_only"):
            # What a credit card's balance is there: all that was spent, without what was paid back.
            for row in rows:
                row |= {"nature": "credit_card", "balance": row["balance"] - 1000}
