"""What a run says of the books when it starts, also of those that a person keeps."""

from __future__ import annotations

from typing import Any

from scripts import summary


def journal(name: str, balance: str | None, bank: str | None) -> dict[str, Any]:
    agrees = balance is not None and balance == bank
    return {"name": name, "balance": balance, "bank_balance": bank, "agrees": agrees, "currency": "EUR"}


def test_every_journal_is_told_of_whether_a_bank_feeds_it_or_not() -> None:
    journals = [journal("Fed", "12.50", "12.50"), journal("Apart", "1.00", "2.00"), journal("By hand", None, None)]
    told = summary.lines({"journals": journals, "lines": 3, "statements": 2}, new=1)
    assert told == [
        "3 lines stored (1 new) in 2 statements",
        "Fed               12.50 EUR  agrees with the bank",
        "Apart              1.00 EUR  the bank says 2.00",
        "By hand               – EUR  not compared with a bank",
    ]
