"""A fetch on the dashboard in a real browser: its progress, its end, and nothing that jumps or loses the focus."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from statements.models import AccountRun, Journal, SyncRun
from tests.factories import make_account, make_company, make_connection, make_journal, make_user
from tests.pages import shifts
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def journals() -> list[Journal]:
    """Two journals that one connection feeds, and a third one below them."""
    company = make_company()
    feed = make_connection(company)
    fed = [make_journal(company, account=make_account(feed), name=name) for name in ("First", "Second")]
    return [*fed, make_journal(company, account=make_account(make_connection(company)), name="Third")]


@pytest.fixture
def page(context: BrowserContext, live_server: LiveServer, journals: list[Journal]) -> Page:
    cookie = browser_of(make_user(company=journals[0].company)).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto(live_server.url)
    shifts.watch(page)
    return page


def test_a_fetch_shows_how_far_it_is_and_ends_in_a_sentence_that_stays(page: Page, journals: list[Journal]) -> None:
    first, second, _third = journals
    assert first.account is not None
    cards = {journal.pk: page.locator(f"#journal-{journal.pk}") for journal in journals}
    cards[first.pk].get_by_role("button", name="Fetch Transactions").focus()
    page.keyboard.press("Enter")
    expect(cards[first.pk]).to_contain_text("Waiting for its turn…")
    expect(cards[first.pk].locator(".run")).to_be_focused()

    run = SyncRun.objects.get()
    SyncRun.objects.update(state=SyncRun.State.RUNNING, pages=2, seen=1412)
    AccountRun.objects.create(run=run, account=first.account, reason="new_lines", new=14, known=398)
    expect(cards[first.pk]).to_contain_text("1 of 2 accounts, 2 pages, 1,412 lines so far")
    expect(cards[first.pk].locator(".run")).to_be_focused()

    now = timezone.now()
    done = {"reason": "new_lines", "new": 14, "known": 398, "finished_at": now}
    SyncRun.objects.update(state=SyncRun.State.DONE, **done)
    for journal in (first, second):
        expect(cards[journal.pk]).to_contain_text("14 new, 398 known.")
        expect(cards[journal.pk].get_by_role("button", name="Fetch Transactions")).to_be_visible()
    expect(cards[first.pk].get_by_role("button", name="Fetch Transactions")).to_be_focused()
    assert shifts.jumped(page) == []

    page.get_by_role("link", name="Dashboard").last.click()
    expect(cards[first.pk].locator(".run")).to_have_count(0)
    expect(cards[first.pk]).to_contain_text("· 14 new, 398 known")


def test_who_has_gone_on_to_another_card_stays_there_when_the_fetch_ends(page: Page, journals: list[Journal]) -> None:
    first, _second, third = journals
    page.locator(f"#journal-{first.pk}").get_by_role("button", name="Fetch Transactions").click()
    expect(page.locator(f"#journal-{first.pk}")).to_contain_text("Waiting for its turn…")
    menu = page.locator(f"#journal-{third.pk} summary")
    menu.focus()
    SyncRun.objects.update(state=SyncRun.State.DONE, reason="nothing_new", known=398, finished_at=timezone.now())
    expect(page.locator(f"#journal-{first.pk}").get_by_role("button", name="Fetch Transactions")).to_be_visible()
    expect(menu).to_be_focused()
