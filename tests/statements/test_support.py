"""The support bundle holds what helps, and nothing that must stay secret."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from connections.models import ProxyRegistration
from connections.services import chatter
from connections.services.lifecycle import note_failure
from providers.errors import UnknownProviderError
from providers.types import ProviderErrorData
from statements import support
from tests.factories import make_account, make_connection, make_journal, make_run
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db

IBAN = "BE68539007547034"
SECRETS = {
    "number": IBAN,
    "number in groups": "BE68 5390 0754 7034",
    "reference of the connection": "opaque-reference-of-the-connection",
    "position": "sealed-position",
    "id of the account": "provider-account-id",
    "private key": "sealed-private-key",
    "phone": "470123456",
    "name of the holder": "Anna Peeters",
    "note": "call the bank",
}


def test_it_holds_no_token_number_or_key() -> None:
    connection = make_connection(reference=SECRETS["reference of the connection"])
    account = make_account(
        connection,
        number=IBAN,
        name=SECRETS["name of the holder"],
        identifier=SECRETS["id of the account"],
        position=SECRETS["position"],
    )
    make_journal(account=account, account_number=IBAN)
    ProxyRegistration.objects.create(
        company=connection.company,
        client_id="client-7",
        status="active",
        sealed_private_key=SECRETS["private key"],
        phone_number="+32470123456",
    )
    words = f"Account {IBAN} ({SECRETS['number in groups']}) was refused, card 4111 1111 1111 1111."
    error = UnknownProviderError(
        f"Not possible for {IBAN}.", provider=ProviderErrorData(code="NEW", message=words), reference="7F3K-21QX"
    )
    note_failure(connection, error)
    make_run(connection, state="failed", reason="unknown", error_message=words, error_reference="7F3K-21QX")
    response = signed_in(connection.company).get(reverse("support_bundle", args=[connection.pk]))
    text = response.content.decode()
    assert {name for name, secret in SECRETS.items() if secret in text} == set()
    assert "4111" not in text
    told = json.loads(text)
    assert told["client_id"] == "client-7"
    assert told["connection"]["error_reference"] == told["runs"][0]["error_reference"] == "7F3K-21QX"
    assert {entry["code"] for entry in told["chatter"]} == {"error"}
    assert set(told["versions"]) == {"banksync", "python", "django", "database"}
    assert response["Content-Disposition"].startswith("attachment")


def test_a_note_is_counted_but_not_told() -> None:
    connection = make_connection()
    person = connection.company.memberships.first()
    chatter.write(connection, "note", person=person.user if person else None)
    entry = support.bundle(connection, now=connection.created_at)["chatter"][0]
    assert entry["code"] == "note"
    assert "text" not in entry


@pytest.mark.parametrize("kept", ["on 2026-11-22 at 10:30", "reference 7F3K-21QX", "code ITEM_LOGIN_REQUIRED 429"])
def test_what_is_no_number_of_an_account_stays(kept: str) -> None:
    assert support.blacken(kept) == kept
