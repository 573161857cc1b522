"""A company with its pages, and a browser without a screen that has signed in."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.pages.books import Books, make_books


@pytest.fixture
def books(db: None) -> Books:
    return make_books()


@pytest.fixture
def member(client: Client, books: Books) -> Client:
    """Signed in as a member of the company."""
    client.force_login(books.person)
    return client


@pytest.fixture(scope="session")
def base_url() -> str:
    """A browser opens the pages of its test's own server by their whole addresses."""
    return ""
