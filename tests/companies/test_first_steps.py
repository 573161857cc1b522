"""The operator's first steps: a company, and people who can sign in to it."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from companies.models import Company, Membership, User
from tests.factories import PASSWORD, make_company, make_user

pytestmark = pytest.mark.django_db
EMAIL = "admin@books.example"


def create(**changed: Any) -> str:
    out = io.StringIO()
    options = {"name": "Books Ltd", "currency": "usd", "admin_email": EMAIL, **changed}
    call_command("create_company", stdout=out, **options)
    return out.getvalue()


def test_an_administrator_signs_in_with_the_password_that_was_printed() -> None:
    printed = create()
    [password] = re.findall(r"shown this once: (\S+)", printed)
    membership = Membership.objects.get()
    assert (membership.company.name, membership.company.currency, membership.role) == ("Books Ltd", "USD", "admin")
    answer = Client().post("/login/", {"username": "Admin@books.example", "password": password})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "http://127.0.0.1:8000/login/" in printed


def test_a_password_of_one_s_own_is_read_and_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    printed = create(password_from_stdin=True)
    assert User.objects.get().check_password("correct horse battery")
    assert "horse" not in printed
    assert "shown this once" not in printed


@pytest.mark.parametrize("typed", ["", "short\n", "password123\n"])
def test_an_easy_password_makes_nothing(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with pytest.raises(CommandError, match="password"):
        create(password_from_stdin=True)
    assert (Company.objects.count(), User.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": " "}, "blank"),
        ({"name": "BOOKS ltd"}, "already"),
        ({"currency": "XYZW"}, "not a currency"),
        ({"admin_email": "nobody"}, "valid email"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_makes_nothing(changed: dict[str, str], words: str) -> None:
    make_company(name="Books Ltd" if "name" in changed else "Another")
    with pytest.raises(CommandError, match=words):
        create(**changed)
    assert (Company.objects.count(), User.objects.count()) == (1, 0)


def test_who_can_sign_in_already_keeps_their_password(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(EMAIL, company=make_company())
    assert "shown this once" not in create()
    assert User.objects.get().check_password(PASSWORD)
    assert Membership.objects.count() == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    with pytest.raises(CommandError, match="keeps their password"):
        create(name="Third Ltd", password_from_stdin=True)


def add(**changed: Any) -> str:
    out = io.StringIO()
    call_command("add_person", stdout=out, **{"company": "books ltd", "email": "anna@books.example", **changed})
    return out.getvalue()


def test_an_accountant_is_added_and_signs_in() -> None:
    make_company(name="Books Ltd")
    printed = add()
    assert "anna@books.example is in Books Ltd as Accountant." in printed
    [password] = re.findall(r"shown this once: (\S+)", printed)
    answer = Client().post("/login/", {"username": "anna@books.example", "password": password})
    assert answer.status_code == 302


def test_adding_somebody_again_changes_neither_role_nor_password() -> None:
    make_user("anna@books.example", company=make_company(name="Books Ltd"))
    printed = add(role="admin")
    assert "as Accountant" in printed
    assert "shown this once" not in printed
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(("changed", "words"), [({"company": "Other"}, "no company"), ({"email": "anna"}, "email")])
def test_nobody_is_added_where_it_cannot_be(changed: dict[str, str], words: str) -> None:
    make_company(name="Books Ltd")
    with pytest.raises(CommandError, match=words):
        add(**changed)
    assert User.objects.count() == 0
