"""One permission for two banks: each is a connection of its own, and the page says what must stay chosen."""

from __future__ import annotations

import pytest
from django.test import Client

from connections.models import Connection
from connections.services import attempts, lifecycle
from providers.errors import ConsentExpired
from tests.factories import make_company, make_user
from tests.feed.pretend import FarSide, connected
from tests.feed.test_fetching import fetch

pytestmark = pytest.mark.django_db


def test_who_signs_in_again_is_told_which_other_banks_must_stay_chosen(far: FarSide, client: Client) -> None:
    company = make_company()
    quiet = connected(far, "ponto Quiet Bank", company=company)
    dormant = connected(far, "ponto Dormant Bank", company=company)
    attempts.fetch_accounts(quiet)
    assert Connection.objects.get(pk=quiet.pk).shared_with == ["Dormant Bank"]
    assert dormant.shared_with == ["Quiet Bank"]
    assert fetch(quiet).state == "done"
    lifecycle.note_failure(quiet, ConsentExpired())
    person = make_user(company=company)
    client.force_login(person)
    page = client.get(f"/connections/{quiet.pk}/").content.decode()
    assert "leave all of them ticked" in page
    assert "Dormant Bank" in page
