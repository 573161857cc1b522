"""The link in a reminder opens one page about one connection, and only to whoever holds it whole and in time."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Membership, User
from connections.models import Connection, LinkAttempt, RenewalLink
from connections.services import renewals
from connections.services.renewals import LinkRefused
from tests.factories import make_account, make_attempt, make_company, make_connection, make_institution, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = dt.timedelta(days=1)


@pytest.fixture
def person() -> User:
    return make_user("anna@example.com", company=make_company(name="Books Ltd"))


@pytest.fixture
def connection(person: User) -> Connection:
    company = Membership.objects.get(user=person).company
    bank = make_institution(name="Quiet Bank")
    return make_connection(company, institution=bank, consent_expires_at=NOW + 6 * DAY)


@pytest.fixture
def token(connection: Connection, person: User) -> str:
    return renewals.make_link(connection, person, NOW)


def used_for(connection: Connection, person: User, **fields: object) -> LinkAttempt:
    attempt = make_attempt(
        person,
        connection.company,
        connection=connection,
        institution=connection.institution,
        purpose="update",
        **fields,
    )
    RenewalLink.objects.update(attempt=attempt, used_at=NOW, starts=1)
    return attempt


def test_it_shows_the_bank_the_company_and_the_day_without_signing_in(client: Client, token: str) -> None:
    make_account(Connection.objects.get(), name="Operating account", number="BE71096123456769")
    answer = client.get(reverse("renew", args=[token]))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Quiet Bank" in html
    assert "Books Ltd" in html
    for hidden in ("Operating account", "BE71", "anna@example.com", Connection.objects.get().reference or "?"):
        assert hidden not in html
    assert "no-store" in answer["Cache-Control"]


def test_the_token_itself_is_kept_nowhere(token: str) -> None:
    link = RenewalLink.objects.get()
    assert token.split(".")[0] not in str(vars(link))
    assert len(link.digest) == 64


def test_opening_the_page_uses_nothing_up(client: Client, token: str) -> None:
    for _ in range(3):
        assert client.get(reverse("renew", args=[token])).status_code == 200
    assert RenewalLink.objects.get().used_at is None


@pytest.mark.parametrize("spoil", ["cut", "signature", "secret", "invented"])
def test_a_token_that_was_tampered_with_opens_nothing(client: Client, token: str, spoil: str) -> None:
    secret, signature = token.split(".")
    spoiled = {
        "cut": secret,
        "signature": f"{secret}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        "secret": f"{'A' if secret[0] != 'A' else 'B'}{secret[1:]}.{signature}",
        # Signed by us, as an older link may be, but known to no row.
        "invented": Signer(salt="connections.renewal", sep=".").sign("invented"),
    }[spoil]
    for answer in (client.get(reverse("renew", args=[spoiled])), client.post(reverse("renew", args=[spoiled]))):
        assert answer.status_code == 410
        assert "Quiet Bank" not in answer.content.decode()


def test_it_ends_some_days_after_the_permission(client: Client, token: str) -> None:
    renewals.find(token, NOW + 19 * DAY)
    with pytest.raises(LinkRefused):
        renewals.find(token, NOW + 21 * DAY)


@pytest.mark.parametrize("status", ["disconnected", "revoked", "superseded"])
def test_a_connection_that_has_ended_is_not_renewed(client: Client, token: str, status: str) -> None:
    Connection.objects.update(status=status)
    assert client.post(reverse("renew", args=[token])).status_code == 410


def test_a_link_of_somebody_who_left_the_company_is_dead(client: Client, token: str) -> None:
    Membership.objects.all().delete()
    assert client.get(reverse("renew", args=[token])).status_code == 410


def test_what_was_renewed_is_not_renewed_twice(
    client: Client, token: str, connection: Connection, person: User
) -> None:
    used_for(connection, person, status="linked")
    assert client.get(reverse("renew", args=[token])).status_code == 410
    assert client.post(reverse("renew", args=[token])).status_code == 410


def test_the_links_of_earlier_reminders_end_with_the_renewal(
    client: Client, token: str, connection: Connection, person: User
) -> None:
    another = renewals.make_link(connection, person, NOW + 3 * DAY)
    # The bank tells the same end a little differently.
    Connection.objects.update(consent_expires_at=NOW + 6 * DAY + dt.timedelta(hours=2))
    assert client.get(reverse("renew", args=[another])).status_code == 200
    Connection.objects.update(consent_expires_at=NOW + 90 * DAY)
    for old in (token, another):
        assert client.post(reverse("renew", args=[old])).status_code == 410
    fresh = renewals.make_link(Connection.objects.get(), person, NOW)
    assert client.get(reverse("renew", args=[fresh])).status_code == 200


def test_while_the_banks_page_is_open_the_link_leads_back_to_it(
    client: Client, token: str, connection: Connection, person: User
) -> None:
    attempt = used_for(connection, person)
    answer = client.post(reverse("renew", args=[token]))
    assert (answer.status_code, answer["Location"]) == (302, attempt.hosted_url)
    assert LinkAttempt.objects.count() == 1


def test_a_link_does_not_open_the_banks_page_without_end(client: Client, token: str) -> None:
    RenewalLink.objects.update(used_at=NOW, starts=renewals.MOST_STARTS)
    assert client.post(reverse("renew", args=[token])).status_code == 410


def test_of_two_that_use_it_at_once_one_is_refused(token: str, connection: Connection) -> None:
    link = renewals.find(token, NOW)
    RenewalLink.objects.update(used_at=NOW)
    with pytest.raises(LinkRefused):
        renewals.begin(link, NOW, language="en", end_user=None, return_url_for="")  # type: ignore[arg-type]


def test_the_way_back_is_of_walks_that_began_with_a_link_alone(
    client: Client, token: str, connection: Connection, person: User
) -> None:
    other = make_company()
    stranger = make_user(company=other)
    of_another = make_attempt(stranger, other, status="cancelled")
    assert client.get(reverse("renewal_return", args=[of_another.pk])).status_code == 404
    mine = used_for(connection, person, status="cancelled")
    answer = client.get(reverse("renewal_return", args=[mine.pk]))
    assert answer.status_code == 200
    assert RenewalLink.objects.get().used_at is None
