"""What a run has brought in, in a few lines for a person."""

from __future__ import annotations

from typing import Any


def problems(summary: dict[str, Any]) -> list[str]:
    """Why the main job is not done, one sentence each; empty when everything is in and agrees."""
    found = []
    if not summary["journals"]:
        found.append("no account is linked to a journal")
    if not summary["lines"]:
        found.append("no line was stored")
    if not summary["statements"]:
        found.append("no statement was made")
    found += [
        f"{journal['name']}: the balance {journal['balance']} {journal['currency']} does not agree with the bank's "
        f"{journal['bank_balance']}"
        for journal in summary["journals"]
        if not journal["agrees"]
    ]
    return found


def lines(summary: dict[str, Any], *, new: int) -> list[str]:
    """The summary as people read it; ``new`` is how many lines this run has added."""
    width = max((len(journal["name"]) for journal in summary["journals"]), default=0)
    return [
        f"{summary['lines']} lines stored ({new} new) in {summary['statements']} statements",
        *(
            f"{journal['name']:<{width}}  {_known(journal['balance']):>14} {journal['currency']}  {_proof(journal)}"
            for journal in summary["journals"]
        ),
    ]


def _proof(journal: dict[str, Any]) -> str:
    if journal["bank_balance"] is None:
        return "not compared with a bank"
    return "agrees with the bank" if journal["agrees"] else f"the bank says {journal['bank_balance']}"


def _known(balance: str | None) -> str:
    """A journal that is kept by hand has no balance before somebody has said where it begins."""
    return "–" if balance is None else balance
