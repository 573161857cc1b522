"""Copies that a provider makes by mistake of what a bank shows once, and flags."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

from sandbox.world.accounts import Account
from sandbox.world.chance import source
from sandbox.world.ledger import Entry

# How much later than the entry its copy turns up.
LATER = dt.timedelta(hours=1)


def copies(entries: Iterable[Entry], owner: Account) -> Iterator[Entry]:
    """The flagged copies of those of the posted ``entries`` that have one. They count for no balance."""
    share = owner.institution.scenario.habits.doubled
    for entry in entries if share else ():
        if not entry.is_pending and source("copy", entry.id).random() < share:
            yield msgspec.structs.replace(entry, id=f"{entry.id}c", appears=entry.appears + LATER)
