"""Signing in where it does not go well: passwords that are guessed, and one that was forgotten."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from companies import tasks
from companies.models import User
from companies.services import signing_in
from tests.factories import PASSWORD, make_company, make_user
from tests.pages.elements import Element, read

pytestmark = pytest.mark.django_db
NEW = "correct horse battery"


@pytest.fixture
def person() -> User:
    return make_user("anna@books.example", company=make_company())


def sign_in(
    email: str, password: str, *, place: str = "192.0.2.1", forwarded: str = "", client: Client | None = None
) -> int:
    """Tries to sign in from an address; gives the status of the answer."""
    data = {"username": email, "password": password}
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return (client or Client()).post(reverse("login"), data, REMOTE_ADDR=place, headers=headers).status_code


def guess(email: str, times: int, *, place: str = "192.0.2.1", forwarded: str = "") -> list[int]:
    return [sign_in(email, f"guess {number}", place=place, forwarded=forwarded) for number in range(times)]


def test_whoever_guesses_has_to_wait_even_with_the_right_password(person: User) -> None:
    assert guess(person.email, 5) == [200, 200, 200, 200, 429]
    assert sign_in(person.email, PASSWORD) == 429
    assert sign_in(person.email.upper(), PASSWORD) == 429


def test_the_page_says_until_when_and_what_to_do_meanwhile(person: User) -> None:
    guess(person.email, 4)
    data = {"username": person.email, "password": "wrong"}
    page = read(Client().post(reverse("login"), data, REMOTE_ADDR="192.0.2.1").content).one("main")
    assert "You can try again in 15 minutes" in page.text
    assert page.one("a", href=reverse("password_reset"))


def test_an_unknown_address_is_answered_in_the_same_way(person: User) -> None:
    def said(email: str) -> list[str]:
        pages: list[Element] = []
        for number in range(5):
            data = {"username": email, "password": f"guess {number}"}
            pages.append(read(Client().post(reverse("login"), data, REMOTE_ADDR="192.0.2.1").content))
        return [page.one("main").text for page in pages]

    assert said(person.email) == said("nobody@books.example")


def test_only_that_address_from_that_place_waits(person: User) -> None:
    other = make_user("ben@books.example", company=make_company())
    guess(person.email, 5)
    assert sign_in(person.email, PASSWORD, place="192.0.2.2") == 302
    assert sign_in(other.email, PASSWORD) == 302


def test_after_a_while_it_goes_on_and_trying_meanwhile_does_not_make_it_longer(person: User) -> None:
    now = timezone.now()
    with time_machine.travel(now):
        guess(person.email, 5)
    with time_machine.travel(now + dt.timedelta(minutes=14)):
        assert sign_in(person.email, PASSWORD) == 429
    with time_machine.travel(now + dt.timedelta(minutes=16)):
        assert sign_in(person.email, PASSWORD) == 302


def test_a_success_forgets_the_failures_before_it(person: User) -> None:
    for _ in range(3):
        assert guess(person.email, 3) == [200, 200, 200]
        assert sign_in(person.email, PASSWORD) == 302


def test_no_password_that_was_tried_is_kept(person: User) -> None:
    guess(person.email, 5)
    [attempt] = AccessAttempt.objects.all()
    assert attempt.username == person.email
    assert "guess" not in attempt.post_data + attempt.get_data


def test_the_administration_s_door_is_watched_too(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    client = Client(REMOTE_ADDR="192.0.2.1")
    door = reverse("admin:login")
    for number in range(5):
        client.post(door, {"username": person.email, "password": f"guess {number}"})
    assert client.post(door, {"username": person.email, "password": PASSWORD}).status_code == 429
    assert sign_in(person.email, PASSWORD) == 429


def test_behind_a_web_server_the_caller_s_own_address_counts(person: User, settings: Settings) -> None:
    settings.PROXIES_IN_FRONT = 1
    front = "10.0.0.1"
    guess(person.email, 5, forwarded="198.51.100.7", place=front)
    assert sign_in(person.email, PASSWORD, forwarded="198.51.100.8", place=front) == 302
    # What a caller writes there themselves stands further to the left and counts for nothing.
    lied = "203.0.113.1, 198.51.100.7"
    assert sign_in(person.email, PASSWORD, forwarded=lied, place=front) == 429


def test_without_a_web_server_in_front_nobody_chooses_their_address(person: User) -> None:
    for number in range(5):
        guess(person.email, 1, forwarded=f"198.51.100.{number}")
    assert sign_in(person.email, PASSWORD, forwarded="198.51.100.99") == 429


def link_in(message: mail.EmailMessage) -> str:
    [path] = re.findall(r"http://127\.0\.0\.1:8000(/password/\S+)", str(message.body))
    return str(path)


@pytest.mark.usefixtures("tasks_at_once")
def test_a_forgotten_password_is_replaced_by_mail_and_opens_the_door_at_once(person: User) -> None:
    guess(person.email, 5)
    client = Client()
    answer = client.post(reverse("password_reset"), {"email": "Anna@Books.example"})
    assert answer.headers["Location"] == reverse("password_reset_done")
    [message] = mail.outbox
    assert message.to == [person.email]
    page = client.get(link_in(message), follow=True)
    form = page.redirect_chain[-1][0]
    assert client.post(form, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    assert sign_in(person.email, NEW) == 302
    assert Client().get(link_in(message)).status_code == 200
    assert "This link no longer works" in read(Client().get(link_in(message)).content).one("h1").text


@pytest.mark.usefixtures("tasks_at_once")
def test_a_reset_ends_the_sessions_there_are(person: User) -> None:
    thief = Client()
    sign_in(person.email, PASSWORD, client=thief)
    Client().post(reverse("password_reset"), {"email": person.email})
    client = Client()
    form = client.get(link_in(mail.outbox[0]), follow=True).redirect_chain[-1][0]
    client.post(form, {"new_password1": NEW, "new_password2": NEW})
    assert thief.get(reverse("dashboard")).status_code == 302


@pytest.mark.usefixtures("tasks_at_once")
def test_nobody_learns_who_signs_in_here(person: User) -> None:
    User.objects.filter(pk=make_user("gone@books.example").pk).update(is_active=False)
    answers = set()
    for email in (person.email, "nobody@books.example", "gone@books.example"):
        page = Client().post(reverse("password_reset"), {"email": email}, follow=True)
        answers.add((page.status_code, read(page.content).one("main").text))
    assert len(answers) == 1
    assert [message.to for message in mail.outbox] == [[person.email]]


@pytest.mark.usefixtures("tasks_at_once")
def test_nobody_fills_the_mailbox_of_somebody_else(person: User) -> None:
    for minute in range(11):
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=minute)):
            Client().post(reverse("password_reset"), {"email": person.email})
    assert len(mail.outbox) == 3


def test_a_link_that_did_not_leave_keeps_no_other_from_leaving(person: User, settings: Settings) -> None:
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.connections.test_alarms.Failing"
    with pytest.raises(OSError, match="does not answer"):
        signing_in.mail_reset_link(person.email, language="en")
    settings.EMAIL_BACKEND = backend
    assert signing_in.mail_reset_link(person.email, language="en")


def test_asking_costs_the_same_for_everybody(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked up while somebody waits: the worker does that."""
    asked: list[str] = []
    monkeypatch.setattr(tasks.send_reset_link, "delay", lambda email, language: asked.append(email))
    started = time.monotonic()
    Client().post(reverse("password_reset"), {"email": "nobody@books.example"})
    assert asked == ["nobody@books.example"]
    assert time.monotonic() - started < 5


@pytest.mark.usefixtures("tasks_at_once")
def test_a_mail_is_in_the_reader_s_language(person: User) -> None:
    User.objects.filter(pk=person.pk).update(language="nl")
    Client().post(reverse("password_reset"), {"email": person.email}, headers={"Accept-Language": "ko"})
    [message] = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert read(html).one("html").attributes["lang"] == "nl"
