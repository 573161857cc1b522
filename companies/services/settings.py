"""What holds for all books of a company."""

from __future__ import annotations

import logging

from companies.models import Company, User

log = logging.getLogger(__name__)


def change(company: Company, *, person: User) -> None:
    """Keeps a company's new name, currency, lock date and kind of statement; who moved the lock is in the log."""
    before = Company.objects.values_list("lock_date", flat=True).get(pk=company.pk)
    company.save(update_fields=["name", "currency", "default_period", "lock_date"])
    if before != company.lock_date:
        log.info(
            "company %s: the lock date went from %s to %s by user %s", company.pk, before, company.lock_date, person.pk
        )
