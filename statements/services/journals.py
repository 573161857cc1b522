"""Makes and changes journals."""

from __future__ import annotations

from django.db import transaction

from companies.models import Company
from statements.models import Journal


@transaction.atomic
def add(journal: Journal, *, code: str = "") -> Journal:
    """Stores a new journal under a code, or its company's next free one, with statements as long as it has them."""
    journal.code = code or next_code(journal.company)
    journal.period = journal.company.default_period
    journal.save()
    return journal


def change(journal: Journal) -> None:
    """Keeps changes of a journal's own facts."""
    journal.save(update_fields=["name", "bank_name", "account_number", "bic", "currency"])


def next_code(company: Company) -> str:
    """The first of BNK1, BNK2, … that is free. Must be called inside a transaction: it locks the company's row."""
    Company.objects.select_for_update().get(pk=company.pk)
    used = set(Journal.objects.filter(company=company).values_list("code", flat=True))
    return next(code for number in range(1, len(used) + 2) if (code := f"BNK{number}") not in used)
