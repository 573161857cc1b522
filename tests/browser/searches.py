"""Searches for what is missing, as the pages show them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone
from msgspec import structs

from providers.types import TransactionData, encode
from statements.models import MissingSearch
from statements.services import missing
from tests.factories import make_account, make_journal
from tests.pages.books import TODAY, Books


def of_searches(books: Books) -> dict[str, int | str]:
    """One that found something, one under way, one that failed."""
    posted = TransactionData(
        id="missing", status="posted", booking_date=TODAY, amount=Decimal("-31.20"), currency="EUR", remittance="Unread"
    )
    pending = structs.replace(posted, id="pending", status="pending", remittance="Card payment")
    answer = encode(missing.Answer(posted=[posted], balance=None, pending=[pending]))
    asked, refused = (
        make_journal(account=make_account(books.connection, name=name), name=name) for name in ("Asked", "Refused")
    )
    facts: dict[str, Any] = {
        "since": TODAY - dt.timedelta(days=30),
        "started_at": timezone.now(),
        "heard_at": timezone.now(),
    }
    MissingSearch.objects.create(journal=books.journal, state="done", answer=answer, **facts)
    MissingSearch.objects.create(journal=asked, state="running", seen=412, **facts)
    failure = {
        "error_code": "bank_unreachable",
        "error_message": "The bank cannot be reached.",
        "error_theirs": "Down.",
    }
    MissingSearch.objects.create(journal=refused, state="failed", error_reference="7F3K-21QX", **failure, **facts)
    return {"asked journal": asked.pk, "refused journal": refused.pk}
