"""Pages as a person of a company gets them."""

from __future__ import annotations

from django.test import Client

from companies.models import Company, User
from tests.factories import make_user


def signed_in(company: Company, *, role: str = "accountant") -> Client:
    """The browser of a new member of this company."""
    return browser_of(make_user(company=company, role=role))


def browser_of(user: User) -> Client:
    """The browser of this person."""
    client = Client()
    client.force_login(user)
    return client
