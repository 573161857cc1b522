"""What the pages read about connections."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Substr
from phonenumbers import region_code_for_number

from companies.models import Company
from connections.choosing import best_first
from connections.models import Connection, DirectoryCursor, Institution, ProxyRegistration
from connections.models.institution import NAME_BEGINS


def number_of_institutions() -> int:
    """How many different banks the directory offers."""
    cursor = DirectoryCursor.objects.first()
    return cursor.banks if cursor else 0


def banks_by_country() -> dict[str, int]:
    """How many banks the directory offers in each country (two letters)."""
    cursor = DirectoryCursor.objects.first()
    return cursor.banks_by_country if cursor else {}


def banks_of(country: str) -> QuerySet[Institution, str]:
    """The keys of a country's banks by name, to be cut into pages; ``search.with_ways`` gives their rows."""
    return (
        Institution.objects.offered()
        .in_countries([country])
        .order_by(Substr("bank", NAME_BEGINS), "bank")
        .values_list("bank", flat=True)
        .distinct()
    )


def ways_to(institution: Institution) -> tuple[Institution, ...]:
    """Every provider's row of the same bank, the best first: the same name, and a country in common."""
    same = Institution.objects.offered().filter(Q(bank=institution.bank) | Q(name=institution.name))
    countries = set(institution.countries)
    ways = [way for way in same if way.bank == institution.bank or countries & set(way.countries)]
    return best_first(ways)


def likely_country(company: Company) -> str:
    """Where this company's next bank most likely is: where its last one is, else its phone; "" when nothing tells."""
    last = Connection.objects.filter(company=company).select_related("institution").order_by("-pk").first()
    if last is not None:
        return last.institution.country
    phone = company.phone_number
    return str(region_code_for_number(phone) or "") if phone else ""


def connections_of(company: Company) -> list[Connection]:
    """A company's connections: what is broken first, then what waits for a person, and last what is past."""
    status = Connection.Status
    urgency = Case(
        When(status__in=[status.DISCONNECTED, status.REVOKED], then=Value(0)),
        When(status=status.ACTION_REQUIRED, then=Value(1)),
        When(~Q(error_code=""), status=status.CONNECTED, then=Value(2)),
        When(status=status.CONNECTED, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return list(
        Connection.objects.filter(company=company)
        .select_related("institution")
        .prefetch_related("accounts")
        .order_by(urgency, "institution__name", "pk")
    )


def is_refused(company: Company) -> bool:
    """Whether the proxy refuses everything for this company, so that nothing of it is fetched."""
    return ProxyRegistration.objects.refused().filter(company=company).exists()


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
    live = Connection.objects.live().filter(company=company)
    same = Q(institution=institution) | Q(institution__name=institution.name, institution__country=institution.country)
    if institution.bic:
        same |= Q(institution__bic=institution.bic)
    return list(live.filter(same).select_related("institution").order_by("pk"))
