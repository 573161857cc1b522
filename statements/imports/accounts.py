"""Whether two account numbers mean the same account: a file and a journal rarely write it the same way."""

from __future__ import annotations

import re

# Fewer digits than this at the end say too little to be the same account by.
_SHORTEST_TAIL = 6


def same_account(of_file: str, of_journal: str) -> bool:
    """An IBAN and the national number inside of it are one account, as are numbers with and without leading zeros."""
    ours, theirs = _plain(of_journal), _plain(of_file)
    if ours == theirs:
        return True
    bank, slash, number = of_file.partition("/")
    if slash:  # Germany before IBAN: bank code/account
        return ours.endswith(_plain(bank) + _plain(number).zfill(10))
    short, long = sorted((theirs.lstrip("0"), ours), key=len)
    return len(short) >= _SHORTEST_TAIL and short.isdecimal() and long.lstrip("0").endswith(short)


def ending(number: str) -> str:
    """The last four characters: enough to know an account by, too little to misuse."""
    return _plain(number)[-4:]


def _plain(number: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", number.upper())
