"""The operators' pages: what they show, what they never show, and that whatever is done there is written down."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from foundation.sealing import seal
from proxy.models import (
    AuditEntry,
    Client,
    Event,
    Flow,
    Grant,
    Incident,
    Institution,
    OperatorEntry,
    Standing,
    Subscription,
)
from proxy.services import operators
from tests.proxy.conftest import make_institution, make_subscription

pytestmark = pytest.mark.django_db

PASSWORD = "a-password-for-operators"
READ_ONLY = ("grant", "flow", "event", "institution", "auditentry", "operatorentry", "standing", "incident")
OURS = (*READ_ONLY, "client", "subscription")
DIGEST = "d1ge57-canary"
PHONE = "+32470123456"
SEALED = ("sealed_", "code_digest", "return_state", "return_url")


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("olga", password=PASSWORD)


@pytest.fixture
def browser(operator: User) -> Browser:
    """An operator who has signed in."""
    return signed_in(operator)


def signed_in(person: Any) -> Browser:
    browser = Browser()
    browser.force_login(person)
    return browser


def make_client(number: int = 1, *, status: str = "active") -> Client:
    """A client with a row of everything that is kept about it."""
    subscription = make_subscription(f"CODE-{number}")
    client = Client.objects.create(
        subscription=subscription,
        name=f"Books {number}",
        public_key=f"key-{number}",
        phone_number=PHONE,
        status=status,
        code_digest=DIGEST,
    )
    now = timezone.now()
    grant = Grant.objects.create(
        reference=f"grant-{number}",
        client=client,
        provider="plaid",
        institution="plaid:ins_1",
        sealed_secret=seal("access-canary", row="grant"),
        sealed_previous=seal("earlier-canary", row="grant"),
    )
    Flow.objects.create(
        flow_id=f"flow-{number}",
        return_state=f"state-canary-{number}",
        client=client,
        provider="plaid",
        institution="plaid:ins_1",
        updates=grant,
        grant=grant,
        status="connected",
        return_url="https://books.example/canary",
        sealed_state=seal("link-canary", row="flow"),
        sealed_answer=seal("answer-canary", row="flow"),
        expires_at=now,
    )
    Event.objects.create(client=client, grant=grant, kind="connection_made", at=now)
    AuditEntry.objects.create(client=client, at=now, verb="GET /v1/events", reference="7F3K-21QX", status_code=200)
    Standing.objects.create(client=client, kind="client_blocked", at=now, by="guard", why="replays")
    Incident.objects.create(client=client, kind="replay", subject=str(number), at=now)
    OperatorEntry.objects.create(client=client, operator="olga", action="block", at=now, subject=str(client))
    make_institution(f"plaid:ins_{number}", sequence=number)
    return client


def lists() -> dict[str, str]:
    """The address of every list, by model."""
    return {name: reverse(f"admin:proxy_{name}_changelist") for name in OURS}


def pages() -> dict[str, str]:
    """The address of every page of one row, by model."""
    models = (Client, Subscription, Grant, Flow, Event, Institution, AuditEntry, OperatorEntry, Standing, Incident)
    found = {}
    for model in models:
        row = model._default_manager.order_by("pk").first()
        assert row is not None
        name = model._meta.model_name or ""
        found[name] = reverse(f"admin:proxy_{name}_change", args=[row.pk])
        found[f"{name}, its history"] = reverse(f"admin:proxy_{name}_history", args=[row.pk])
    return found


def test_every_page_answers_and_neither_shows_nor_reads_what_is_sealed(browser: Browser) -> None:
    client = make_client()
    deed = {"the deed": reverse("admin:proxy_client_deed", args=[client.pk, "block"])}
    users = {"operators": reverse("admin:auth_user_changelist"), "index": reverse("admin:index")}
    for name, address in {**lists(), **pages(), **deed, **users}.items():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = browser.get(address)
        assert response.status_code == 200, name
        html = response.content.decode()
        sealed = Grant.objects.values_list("sealed_secret", flat=True).get()
        for canary in ("canary", DIGEST, sealed, PHONE, PHONE[3:]):
            assert canary not in html, (name, canary)
        assert [query["sql"] for query in captured if any(word in query["sql"] for word in SEALED)] == [], name
        assert "unsafe" not in response.headers["Content-Security-Policy"], name
    assert "+32 ··· ·· 56" in browser.get(lists()["client"]).content.decode()


def test_moments_are_written_with_the_day_first(browser: Browser) -> None:
    client = make_client()
    at = dt.datetime(2026, 11, 3, 22, 10, tzinfo=dt.UTC)
    AuditEntry.objects.update(at=at)
    Client.objects.update(created_at=at)
    for address in (lists()["client"], reverse("admin:proxy_client_change", args=[client.pk])):
        page = browser.get(address).content.decode()
        # When it was last seen, and when it was made.
        assert page.count("3 Nov 2026, 22:10") == 2


def test_every_page_costs_the_same_however_much_there_is(browser: Browser) -> None:
    def queries() -> dict[str, int]:
        counted = {}
        for name, address in {**lists(), **pages()}.items():
            with CaptureQueriesContext(connection) as captured:
                browser.get(address)
            counted[name] = len(captured)
        return counted

    make_client(1)
    browser.get(lists()["client"])  # the first look fills caches of the process
    few = queries()
    for number in range(2, 22):
        make_client(number)
    assert queries() == few


def test_what_is_read_only_refuses_to_be_written(browser: Browser) -> None:
    make_client()
    rows = {name: pages()[name] for name in READ_ONLY}
    for name, address in rows.items():
        assert browser.post(address, {"status": "revoked"}).status_code == 403, name
        assert browser.post(address.replace("change", "delete"), {"post": "yes"}).status_code == 403, name
        assert browser.post(lists()[name], {"action": "delete_selected"}).status_code == 403, name
        assert browser.post(f"{lists()[name]}add/", {}).status_code == 403, name
    client = pages()["client"]
    assert browser.post(client, {"name": "Other"}).status_code == 403
    assert browser.post(client.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert browser.post(lists()["client"], {"action": "delete_selected"}).status_code == 403
    assert Client.objects.get().name == "Books 1"


def test_who_is_no_operator_is_told_so(browser: Browser) -> None:
    stranger = Browser()
    answer = stranger.get(reverse("admin:index"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/login/?next=/admin/")
    stranger = signed_in(User.objects.create_user("paul", password=PASSWORD))
    said = stranger.get(reverse("admin:index"), follow=True).content.decode()
    assert "authenticated as paul, but are not authorized to access this page" in said
    assert stranger.post(lists()["client"], {"action": "block"}).status_code == 302


@pytest.mark.parametrize(
    ("deed", "before", "after"),
    [
        ("block", "active", "blocked"),
        ("unblock", "blocked", "active"),
        ("disconnect", "active", "disconnected"),
        ("disconnect", "blocked", "disconnected"),
        ("allow_again", "disconnected", "disconnected"),
    ],
)
def test_a_deed_asks_why_and_is_written_down(browser: Browser, deed: str, before: str, after: str) -> None:
    client = make_client(status=before)
    asked = {"action": deed, "_selected_action": str(client.pk)}
    page = browser.post(lists()["client"], asked)
    assert page.status_code == 200
    assert 'name="why"' in page.content.decode()
    assert browser.post(lists()["client"], {**asked, "why": " "}).status_code == 422
    assert Client.objects.get().status == before
    assert browser.post(lists()["client"], {**asked, "why": "They called about it."}).status_code == 302
    client = Client.objects.get()
    assert client.status == after
    assert (client.may_return_until is not None) == (deed == "allow_again")
    entry = OperatorEntry.objects.latest("id")
    assert (entry.operator, entry.action, entry.client, entry.why) == ("olga", deed, client, "They called about it.")
    told = Standing.objects.latest("id")
    assert (told.by, told.why) == ("olga", "They called about it.")


def test_a_deed_that_does_not_fit_is_left_undone_and_said(browser: Browser) -> None:
    client = make_client(status="disconnected")
    before = OperatorEntry.objects.count()
    asked = {"action": "block", "_selected_action": str(client.pk), "why": "Because."}
    said = browser.post(lists()["client"], asked, follow=True).content.decode()
    assert "not possible for Books 1 (disconnected)" in said
    page = browser.get(reverse("admin:proxy_client_deed", args=[client.pk, "block"]), follow=True)
    assert "not possible, the client is disconnected" in page.content.decode()
    assert OperatorEntry.objects.count() == before


def test_an_operator_who_may_only_look_does_nothing(operator: User) -> None:
    client = make_client()
    looker = User.objects.create_user("luke", password=PASSWORD, is_staff=True)
    looker.user_permissions.set([each for each in _permissions() if each.codename.startswith("view_")])
    browser = signed_in(looker)
    assert browser.get(lists()["client"]).status_code == 200
    assert browser.get(reverse("admin:proxy_client_deed", args=[client.pk, "block"])).status_code == 403
    browser.post(lists()["client"], {"action": "block", "_selected_action": str(client.pk), "why": "For fun."})
    assert Client.objects.get().status == "active"


def _permissions() -> list[Permission]:
    return list(Permission.objects.filter(content_type__app_label="proxy"))


def test_a_subscription_is_made_and_renewed(browser: Browser) -> None:
    made = {"code": "SUB-9", "valid_until": "2098-12-31", "is_trial": "on"}
    assert browser.post(reverse("admin:proxy_subscription_add"), made).status_code == 302
    row = Subscription.objects.get()
    assert (row.code, row.valid_until, row.is_trial) == ("SUB-9", dt.date(2098, 12, 31), True)
    address = reverse("admin:proxy_subscription_change", args=[row.pk])
    assert "is over" in browser.post(address, {"valid_until": "2020-01-01"}).content.decode()
    assert browser.post(address, {"code": "OTHER", "valid_until": "2099-12-31"}).status_code == 302
    row.refresh_from_db()
    assert (row.code, row.valid_until, row.is_trial) == ("SUB-9", dt.date(2099, 12, 31), False)
    assert list(OperatorEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "subscription_made",
        "subscription_renewed",
    ]


def test_clients_are_found_by_name_id_code_and_number(browser: Browser) -> None:
    client = make_client(1)
    other = make_client(2)
    Client.objects.filter(pk=other.pk).update(phone_number="+32470999999")
    for text in ("Books 1", str(client.pk), "CODE-1", PHONE):
        html = browser.get(lists()["client"], {"q": text}).content.decode()
        assert str(client.pk) in html, text
        assert str(other.pk) not in html, text
    of_one = browser.get(lists()["grant"], {"client__client_id__exact": str(client.pk)}).content.decode()
    assert "grant-1" in of_one
    assert "grant-2" not in of_one


def test_sign_ins_are_written_down_and_many_wrong_passwords_are_not_looked_at(operator: User) -> None:
    browser, address = Browser(enforce_csrf_checks=True), reverse("admin:login")
    assert browser.post(address, {"username": "olga", "password": PASSWORD}).status_code == 403

    def sign_in(password: str, name: str = "olga") -> str:
        token = browser.get(address).cookies["csrftoken"].value
        fields = {"username": name, "password": password, "csrfmiddlewaretoken": token}
        answer = browser.post(address, fields)
        return "in" if answer.status_code == 302 else answer.content.decode()

    assert sign_in(PASSWORD) == "in"
    browser.cookies.clear()
    for _ in range(operators.FAILURES):
        assert "Please enter the correct username and password" in sign_in("wrong")
    assert "Too many wrong passwords for this name: try again in 15 minutes." in sign_in(PASSWORD)
    OperatorEntry.objects.update(at=timezone.now() - operators.WINDOW)
    assert sign_in(PASSWORD) == "in"
    actions = list(OperatorEntry.objects.values_list("action", flat=True))
    assert (actions.count("signed_in"), actions.count("sign_in_failed")) == (2, operators.FAILURES)
    # A name of nobody leaves nothing behind.
    browser.cookies.clear()
    sign_in("wrong", "nobody")
    assert not OperatorEntry.objects.filter(operator="nobody").exists()


def test_who_may_sign_in_is_changed_in_writing(browser: Browser) -> None:
    fields = {"username": "otto", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert browser.post(reverse("admin:auth_user_add"), fields).status_code == 302
    made = User.objects.get(username="otto")
    assert browser.post(reverse("admin:auth_user_delete", args=[made.pk]), {"post": "yes"}).status_code == 302
    written = list(OperatorEntry.objects.order_by("id").values_list("operator", "action", "subject"))
    assert written == [("olga", "operator_made", "otto"), ("olga", "operator_removed", "otto")]


def test_the_files_of_the_pages_are_served_without_being_collected(browser: Browser) -> None:
    answer = browser.get("/static/admin/css/base.css")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/css")


def test_a_browser_says_where_the_forms_come_from(browser: Browser) -> None:
    """Without a referrer to its own site, it would call the origin of every form null, which is refused."""
    strict = Browser(enforce_csrf_checks=True, headers={"Origin": "null"})
    page = strict.get(reverse("admin:login"))
    assert page.headers["Referrer-Policy"] == "same-origin"
    fields = {"username": "olga", "password": PASSWORD, "csrfmiddlewaretoken": page.cookies["csrftoken"].value}
    assert strict.post(reverse("admin:login"), fields).status_code == 403


def test_what_clients_ask_is_not_held_up_by_cookies_and_tokens() -> None:
    strict = Browser(enforce_csrf_checks=True)
    answer = strict.post("/v1/client/phone-code", data="{}", content_type="application/json")
    assert json.loads(answer.content)["error"]["code"] != "bad_request"
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert strict.post("/webhooks/plaid", data="{}", content_type="application/json").status_code == 400
