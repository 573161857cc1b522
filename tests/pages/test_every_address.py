"""Every address of the app, also one that is added tomorrow: whom it is closed to, and what a look at it may change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from companies.models import Membership
from companies.services import invitations
from statements.models import ImportFile, RemovedLine, ReviewItem
from statements.services import manual
from tests.factories import make_company, make_line
from tests.pages.books import Books, make_books
from tests.sessions import browser_of, signed_in

pytestmark = pytest.mark.django_db

# For everybody: each of them shows nothing of a company, or asks for a token of its own.
PUBLIC = {
    "login",
    "choose_language",
    "password_reset",
    "password_reset_done",
    "password_reset_confirm",
    "password_reset_complete",
    "invitation",
    "institutions",
    "institutions_of",
    "renew",
    "renewal_return",
    "health_live",
    "health_ready",
    "health_feeds",
    "metrics",
}
# The directory of banks is everybody's.
OF_EVERYBODY = {"institution_id", "country", "format_name"}
# A person comes back from the bank by a link: how it went is kept when the page is looked at.
KEEPS_HOW_IT_WENT = {"attempt", "attempt_return"}


def names_and_arguments() -> Iterator[tuple[str, list[str]]]:
    """Every named address, and the names of its arguments; Django's own pages for operators are not ours."""
    for pattern in _patterns(get_resolver().url_patterns):
        if pattern.name:
            yield pattern.name, list(pattern.pattern.regex.groupindex)


def _patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLPattern):
            yield one
        elif one.app_name != "admin":
            yield from _patterns(one.url_patterns)


@pytest.fixture
def books() -> Books:
    return make_books(2)


@pytest.fixture
def values(books: Books) -> dict[str, Any]:
    """For each argument of an address, what belongs to these books."""
    removed = make_line(books.journal, "3.00")
    manual.remove(removed, person=books.person)
    person = books.person
    offered = invitations.invite(books.company, "new@books.example", role="accountant", by=person)
    file = ImportFile.objects.create(
        journal=books.journal, file_name="x.csv", sha256="0" * 64, format="csv", content=b"x"
    )
    return {
        "connection_id": books.connection.pk,
        "run_id": books.run.pk,
        "journal_id": books.journal.pk,
        "memory_id": RemovedLine.objects.get().pk,
        "line_id": books.line.pk,
        "file_id": file.pk,
        "statement_id": books.line.statement_id,
        "item_id": ReviewItem.objects.filter(journal__company=books.company).first().pk,  # type: ignore[union-attr]
        "attempt_id": books.attempt.pk,
        "membership_id": Membership.objects.get(user=person, company=books.company).pk,
        "invitation_id": offered.pk,
        "company_id": books.company.pk,
        "institution_id": books.connection.institution_id,
        "country": "be",
        "format_name": "csv",
        "token": "no-such-token",
        "uidb64": "MQ",
    }


def test_what_is_another_companys_does_not_exist_at_any_address(values: dict[str, Any]) -> None:
    stranger = signed_in(make_company(), role="admin")
    looked_at = 0
    for name, arguments in names_and_arguments():
        if name in PUBLIC or not set(arguments) - OF_EVERYBODY:
            continue
        address = reverse(name, kwargs={argument: values[argument] for argument in arguments})
        answers = {stranger.get(address).status_code, stranger.post(address).status_code}
        assert answers <= {404, 405}, name
        assert 404 in answers, name
        looked_at += 1
    assert looked_at > 30


def test_nothing_but_what_is_everybody_s_opens_without_a_sign_in(client: Client, values: dict[str, Any]) -> None:
    for name, arguments in names_and_arguments():
        address = reverse(name, kwargs={argument: values[argument] for argument in arguments})
        for answer in () if name in PUBLIC else (client.get(address), client.post(address)):
            assert answer.status_code == 302, name
            assert answer.headers["Location"].startswith((reverse("login"), "/login/")), name


def test_every_form_must_come_from_a_page_of_the_app(books: Books, values: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(books.person)
    for name, arguments in names_and_arguments():
        address = reverse(name, kwargs={argument: values[argument] for argument in arguments})
        assert client.post(address).status_code == 403, name


def test_a_look_changes_nothing(books: Books, values: dict[str, Any]) -> None:
    Membership.objects.filter(user=books.person).update(role="admin")
    client = browser_of(books.person)
    seen = 0
    for name, arguments in names_and_arguments():
        if name in KEEPS_HOW_IT_WENT:
            continue
        with CaptureQueriesContext(database) as captured:
            answer = client.get(reverse(name, kwargs={argument: values[argument] for argument in arguments}))
        written = [
            query["sql"]
            for query in captured.captured_queries
            if query["sql"].startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in query["sql"]
        ]
        assert written == [], name
        assert answer.status_code < 500, name
        seen += answer.status_code == 200
    assert seen > 30


def test_an_id_that_there_is_not_is_not_found(values: dict[str, Any], books: Books) -> None:
    Membership.objects.filter(user=books.person).update(role="admin")
    client = browser_of(books.person)
    for name, arguments in names_and_arguments():
        if name in PUBLIC or not set(arguments) - OF_EVERYBODY:
            continue
        nobodys = {one: uuid4() if isinstance(values[one], UUID) else 10**30 for one in arguments}
        kwargs = {one: values[one] if one in OF_EVERYBODY else nobodys[one] for one in arguments}
        answers = {client.get(reverse(name, kwargs=kwargs)).status_code}
        answers.add(client.post(reverse(name, kwargs=kwargs)).status_code)
        assert answers <= {404, 405}, name
