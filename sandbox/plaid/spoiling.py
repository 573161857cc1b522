"""Answers spoiled by armed faults: an amount that is a word, a currency there is not, an id nobody was told of."""

from __future__ import annotations

from typing import Any

from sandbox.conditions import faults
from sandbox.conditions.faults import Target
from sandbox.plaid import tokens


def spoil(answer: dict[str, Any], target: Target) -> None:
    """Lets a fault in content happen to an answer that has transactions, in place."""
    rows = answer.get("added") or answer.get("transactions")
    if not rows:
        return
    match faults.happening(target, in_content=True):
        case faults.UnreadableAmount(word=word):
            rows[0] = {**rows[0], "amount": word}
        case faults.UnknownCurrency(variant=variant, code=code):
            rows[0] = {
                **rows[0],
                "iso_currency_code": code if variant == "unknown" else None,
                "unofficial_currency_code": code if variant == "unofficial" else None,
            }
        case faults.UnknownRemoved():
            stranger = {"transaction_id": tokens.new_id(), "account_id": rows[0]["account_id"]}
            answer["removed"] = [*answer.get("removed", []), stranger]
