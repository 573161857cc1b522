"""What the pages read about connections."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from companies.models import Company
from connections.models import Connection, Institution
from connections.models.institution import fold

SEARCH_LIMIT = 30


def search_institutions(text: str, *, limit: int = SEARCH_LIMIT) -> list[Institution]:
    """The banks whose name or BIC holds every word of ``text``, those that begin with it first. No text, no banks."""
    wanted = fold(text.strip())
    if not wanted:
        return []
    found: QuerySet[Institution] = Institution.objects.offered()
    for word in wanted.split():
        found = found.filter(folded__contains=word)
    begins = Case(When(folded__startswith=wanted, then=Value(0)), default=Value(1), output_field=IntegerField())
    return list(found.order_by(begins, "folded", "pk")[:limit])


def number_of_institutions() -> int:
    """How many banks the directory offers."""
    return Institution.objects.offered().count()


def connections_of(company: Company) -> list[Connection]:
    """A company's connections, those that wait for a person first."""
    broken = Case(
        When(status=Connection.Status.CONNECTED, error_code="", then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    return list(
        Connection.objects.filter(company=company)
        .select_related("institution")
        .prefetch_related("accounts")
        .order_by(broken, "institution__name", "pk")
    )


def not_ended(company: Company | None = None) -> list[Connection]:
    """Superseded connections of a company (of all, for the clock) of which the provider has not been told yet."""
    waiting = Connection.objects.filter(
        status=Connection.Status.SUPERSEDED, ended_at__isnull=True, reference__isnull=False
    )
    if company is not None:
        waiting = waiting.filter(company=company)
    return list(waiting.select_related("company").order_by("pk"))


def connected_already(company: Company, institution: Institution) -> list[Connection]:
    """The company's live connections to this bank, through whatever provider."""
    live = Connection.objects.filter(
        company=company, status__in=[Connection.Status.CONNECTED, Connection.Status.ACTION_REQUIRED]
    )
    same = Q(institution=institution) | Q(institution__name=institution.name, institution__country=institution.country)
    if institution.bic:
        same |= Q(institution__bic=institution.bic)
    return list(live.filter(same).select_related("institution").order_by("pk"))
