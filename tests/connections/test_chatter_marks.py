"""Failures stand out in the chatter: those that heal by themselves from those that need somebody."""

from __future__ import annotations

import pytest
from django.urls import reverse

from connections.services import chatter
from tests.factories import make_connection
from tests.pages.elements import read
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("action", "tone"), [("retry", "tone-wait"), ("wait", "tone-wait"), ("update_credentials", "tone-broken")]
)
def test_a_failure_has_a_sign_of_its_own(action: str, tone: str) -> None:
    connection = make_connection()
    chatter.write(connection, "accounts_changed")
    chatter.write(connection, "error", action=action, error="x", message="It went wrong.")
    page = read(signed_in(connection.company).get(reverse("connection", args=[connection.pk])).content)
    failure, other = page.one("div", id="entries").one("ol").all("li")
    assert failure.one("span", class_=tone).all("svg")
    assert failure.text.startswith("It went wrong.")
    assert not other.all("svg")
