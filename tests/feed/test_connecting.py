"""Connecting a bank through the real proxy and the real pretend banks."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from connections.models import Account, ChatterEntry, Connection, Institution, LinkAttempt, ProxyRegistration
from connections.services import attempts, directory, registrations
from providers.errors import (
    ConnectionGone,
    FeedError,
    NotFound,
    ProxyUnreachable,
    SignatureInvalid,
    SubscriptionRefused,
)
from tests.factories import make_company, make_user
from tests.feed.pretend import PHONE, FarSide, approve, begin, connected, give_up, registered

pytestmark = pytest.mark.django_db


def test_the_directory_is_read_before_any_company_is_registered_and_then_only_what_changed(far: FarSide) -> None:
    assert directory.update() == Institution.objects.count() > 10_000
    assert not ProxyRegistration.objects.exists()
    assert directory.update() == 0


def test_an_approved_visit_makes_one_connection_with_its_accounts(far: FarSide) -> None:
    company = make_company()
    person = make_user(company=company)
    attempt = begin(company, person, far.bank("Demo Business Bank"))
    assert attempts.settle(attempt).status == LinkAttempt.Status.WAITING
    approve(attempt.hosted_url)
    attempts.settle(attempt)
    connection = Connection.objects.get()
    assert (attempt.status, attempt.connection, connection.status) == ("connected", connection, "connected")
    assert connection.created_by == person
    attempts.fetch_accounts(connection)
    assert Account.objects.filter(connection=connection, booked_balance__isnull=False).count() == 4
    entry = ChatterEntry.objects.get(connection=connection)
    assert (entry.code, entry.person, entry.facts["why"]) == ("state", person, "approved")


def test_c32_an_app_that_dies_right_after_the_proxys_answer_finds_the_same_connection_again(far: FarSide) -> None:
    company = make_company()
    attempt = begin(company, make_user(company=company), far.bank("Quiet Bank"))
    approve(attempt.hosted_url)
    lost = registrations.client_for(company).finish_connection(attempt.flow)
    attempts.settle(attempt)
    assert attempt.connection is not None
    assert attempt.connection.reference == lost.connection


def test_a_cancelled_visit_leaves_no_connection(far: FarSide) -> None:
    company = make_company()
    attempt = begin(company, make_user(company=company), far.bank("Quiet Bank"))
    give_up(attempt.hosted_url)
    assert attempts.settle(attempt).status == LinkAttempt.Status.CANCELLED
    assert not Connection.objects.exists()


def test_a_company_registers_once_and_keeps_its_phone_number(far: FarSide) -> None:
    company = make_company()
    first = registered(company)
    again = registrations.register(company, "+32479999999")
    company.refresh_from_db()
    assert (first.client_id, str(company.phone_number)) == (again.client_id, PHONE)


def test_a_registration_whose_answer_was_lost_ends_in_the_same_client(far: FarSide) -> None:
    company = make_company()
    known = registrations.register(company, PHONE).client_id
    ProxyRegistration.objects.filter(company=company).update(client_id="", status="new")
    assert registrations.register(company, PHONE).client_id == known


def test_another_companys_connection_is_not_found_at_the_proxy(far: FarSide) -> None:
    theirs = connected(far, "Quiet Bank")
    stranger = make_company()
    registered(stranger)
    with pytest.raises(NotFound) as caught:
        registrations.client_for(stranger).accounts(theirs.reference or "")
    assert caught.value.reference


def test_a_key_that_is_not_the_registered_one_is_refused_with_a_reference(far: FarSide) -> None:
    mine, other = make_company(), make_company()
    registered(mine)
    registered(other)
    stolen = ProxyRegistration.objects.get(company=other)
    stolen.keep_private_key(ProxyRegistration.objects.get(company=mine).private_key())
    stolen.save()
    with pytest.raises(SignatureInvalid) as caught:
        registrations.client_for(other).events()
    assert caught.value.reference


def test_an_unknown_subscription_is_refused_in_one_sentence(far: FarSide, settings: Settings) -> None:
    settings.SUBSCRIPTION_CODE = "NOT-THERE"
    with pytest.raises(SubscriptionRefused) as caught:
        registrations.register(make_company(), PHONE)
    assert caught.value.message.endswith(".")
    assert caught.value.reference


def test_a_proxy_that_is_down_is_named_with_its_address(far: FarSide, settings: Settings) -> None:
    company = make_company()
    person = make_user(company=company)
    institution = far.bank("Quiet Bank")
    settings.PROXY_URL = "http://127.0.0.1:9"
    with pytest.raises(ProxyUnreachable, match=r"127\.0\.0\.1:9"):
        begin(company, person, institution)
    assert not LinkAttempt.objects.exists()
    settings.PROXY_URL = far.proxy_url
    assert begin(company, person, institution).hosted_url


def test_a_bank_that_is_down_says_so_and_the_visit_leaves_nothing(far: FarSide) -> None:
    company = make_company()
    institution = far.bank("Quiet Bank")
    far.arm("plaid_error", route="/link/token/create", error_type="INSTITUTION_ERROR", error_code="INSTITUTION_DOWN")
    with pytest.raises(FeedError) as caught:
        begin(company, make_user(company=company), institution)
    assert (caught.value.code, bool(caught.value.reference)) == ("institution_down", True)
    assert not LinkAttempt.objects.exists()


def test_an_item_that_is_gone_at_the_provider_says_reconnect(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank")
    far.arm("plaid_error", route="/accounts/get", error_type="ITEM_ERROR", error_code="ITEM_NOT_FOUND")
    with pytest.raises(ConnectionGone) as caught:
        attempts.fetch_accounts(connection)
    assert caught.value.action == "reconnect"
