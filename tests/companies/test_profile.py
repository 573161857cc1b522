"""What people choose for themselves: name, language, theme, developer mode, mail, password, sessions."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import User
from tests.factories import PASSWORD, make_company, make_user
from tests.pages.elements import read
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db
NEW = "correct horse battery"
FIELDS = {"first_name": "Anna", "last_name": "Books", "language": "", "theme": "dark", "is_developer": "on"}


@pytest.fixture
def person() -> User:
    return make_user(company=make_company())


@pytest.fixture
def window(person: User) -> Client:
    return browser_of(person)


def signs_in(person: User, password: str) -> Client:
    client = Client()
    client.post(reverse("login"), {"username": person.email, "password": password})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("dashboard")).status_code == 200


def test_a_profile_is_kept(person: User, window: Client) -> None:
    assert window.post(reverse("profile"), FIELDS).status_code == 302
    person.refresh_from_db()
    assert (str(person), person.theme, person.is_developer) == ("Anna Books", "dark", True)
    html = read(window.get(reverse("profile")).content).one("html")
    assert html.attributes["data-bs-theme"] == "dark"


def test_a_language_holds_from_the_next_page_on(person: User, window: Client) -> None:
    window.post(reverse("profile"), {**FIELDS, "language": "nl"})
    assert read(window.get(reverse("profile")).content).one("html").attributes["lang"] == "nl"
    assert window.post(reverse("profile"), {**FIELDS, "language": "xx"}).status_code == 422


def test_an_address_is_not_changed_by_a_form(person: User, window: Client) -> None:
    window.post(reverse("profile"), {**FIELDS, "email": "boss@books.example", "is_superuser": "on"})
    person.refresh_from_db()
    assert person.email != "boss@books.example"
    assert not person.is_superuser


def test_a_theme_is_chosen_in_the_bar_and_leads_back(person: User, window: Client) -> None:
    here = reverse("journal_list")
    answer = window.post(reverse("choose_theme"), {"theme": "light", "next": here})
    assert answer.headers["Location"] == here
    person.refresh_from_db()
    assert person.theme == "light"
    away = window.post(reverse("choose_theme"), {"theme": "light", "next": "https://elsewhere.example/"})
    assert away.headers["Location"] == reverse("dashboard")
    assert window.post(reverse("choose_theme"), {"theme": "pink"}).status_code == 400


def test_mail_is_chosen_company_by_company(person: User, window: Client) -> None:
    [first] = person.memberships.all()
    second = person.memberships.create(company=make_company())
    window.post(reverse("notifications"), {"companies": [second.company_id]})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_notified, second.is_notified) == (False, True)
    page = read(window.get(reverse("notifications")).content)
    assert ["checked" in box.attributes for box in page.all("input", name="companies")].count(True) == 1


def test_a_company_one_is_not_in_cannot_be_chosen(person: User, window: Client) -> None:
    other = make_user(company=make_company()).memberships.get()
    assert window.post(reverse("notifications"), {"companies": [other.company_id]}).status_code == 422


def test_a_new_password_ends_every_other_session(person: User) -> None:
    here, elsewhere = signs_in(person, PASSWORD), signs_in(person, PASSWORD)
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert here.post(reverse("change_password"), fields).status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert is_signed_in(signs_in(person, NEW))


@pytest.mark.parametrize("bad", [{"old_password": "wrong"}, {"new_password2": "other"}, {"new_password1": "short"}])
def test_a_bad_change_of_password_changes_nothing(person: User, window: Client, bad: dict[str, str]) -> None:
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, **bad}
    assert window.post(reverse("change_password"), fields).status_code == 422
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_signing_out_everywhere_leaves_this_session_alone(person: User) -> None:
    here, elsewhere = signs_in(person, PASSWORD), signs_in(person, PASSWORD)
    assert here.post(reverse("sign_out_everywhere")).status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert is_signed_in(signs_in(person, PASSWORD))


def test_signing_in_makes_a_new_session_and_signing_out_ends_it(person: User) -> None:
    client = Client()
    client.get(reverse("login"))
    client.session["before"] = "x"
    before = client.session.session_key
    client.post(reverse("login"), {"username": person.email, "password": PASSWORD})
    after = client.session.session_key
    assert after
    assert after != before
    stolen = Client()
    stolen.cookies = client.cookies.copy()  # type: ignore[assignment]
    assert is_signed_in(stolen)
    assert client.get(reverse("logout")).status_code == 405
    client.post(reverse("logout"))
    assert not is_signed_in(client)
    assert not is_signed_in(stolen)
