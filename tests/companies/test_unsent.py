"""A form that is sent when the session has ended is not lost: after signing in it can be sent."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from companies.models import Membership, User
from statements.models import Journal
from tests.factories import PASSWORD, make_company, make_user
from tests.pages.elements import Element, read

pytestmark = pytest.mark.django_db
PAGE = {"Accept": "text/html,application/xhtml+xml"}
TYPED = {"name": "Petty cash of “Ghent”", "currency": "EUR", "period": "month"}


@pytest.fixture
def person() -> User:
    return make_user("anna@books.example", company=make_company(name="Books of Anna"))


def values(form: Element) -> dict[str, str]:
    """What a form would send."""
    found = [field.attributes for field in form.all("input") if "name" in field.attributes]
    return {field["name"]: field.get("value", "") for field in found}


def test_what_was_typed_is_sent_after_signing_in(person: User) -> None:
    browser = Client()
    answer = browser.post(reverse("new_journal"), TYPED, headers=PAGE)
    assert answer.status_code == 200
    door = read(answer.content).one("form", action=reverse("login"))
    wrong = browser.post(reverse("login"), {**values(door), "username": person.email, "password": "wrong"})
    door = read(wrong.content).one("form", action=reverse("login"))
    answer = browser.post(reverse("login"), {**values(door), "username": person.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("unsent"))
    assert "Books of Anna" not in read(browser.get(reverse("unsent")).content).one("main").text
    Membership.objects.create(company=make_company(name="Second Books"), user=person)
    page = read(browser.get(reverse("unsent")).content)
    assert "It is sent for Books of Anna." in page.one("main").text
    form = page.one("form", action=reverse("new_journal"))
    browser.post(form.attributes["action"], values(form))
    assert Journal.objects.get().name == TYPED["name"]


def test_what_is_secret_or_a_file_or_no_page_is_not_carried_along(person: User) -> None:
    browser = Client()
    for typed, headers in (
        ({"old_password": "x"}, PAGE),
        ({"code": "123456"}, PAGE),
        ({"file": SimpleUploadedFile("a.csv", b"1")}, PAGE),
        ({"text": "x" * 200_000}, PAGE),
        (TYPED, {}),
        (TYPED, {**PAGE, "HX-Request": "true"}),
    ):
        answer = browser.post(reverse("new_journal"), typed, headers=headers)
        assert (answer.status_code, answer.headers["Location"][:7]) == (302, "/login/")


def test_what_is_not_carried_along_leads_back_to_its_page(person: User) -> None:
    for before, onward in (("http://testserver/connections/7/", "/connections/7/"), ("http://evil.example/x", "/")):
        answer = Client().post(reverse("add_note", args=[7]), {"code": "1"}, headers={**PAGE, "Referer": before})
        assert answer.headers["Location"] == f"{reverse('login')}?next={onward}"


def test_nobody_is_made_to_send_what_another_wrote(person: User) -> None:
    browser = Client()
    for token in ("made up", ""):
        entered = {"username": person.email, "password": PASSWORD, "unsent": token}
        answer = browser.post(reverse("login"), entered)
        assert answer.headers["Location"] == reverse("dashboard")
        assert browser.get(reverse("unsent")).headers["Location"] == reverse("dashboard")
        browser.logout()


def test_the_door_says_that_nothing_is_lost(person: User) -> None:
    door = read(Client().post(reverse("new_journal"), TYPED, headers=PAGE).content)
    assert "What you were sending is kept" in door.one("main").text
    assert "kept" not in read(Client().get(reverse("login")).content).one("main").text
