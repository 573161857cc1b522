"""Every page for everyone: axe-core finds nothing in light and dark, on a phone and a desk; nothing overflows.

And whoever moves with the keyboard sees where they are: a ring that stands out, whole, and below no bar.

The database is there when a test that asks for it is among the chosen ones: ``-k "inventory or dashboard"``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Browser, Page, Response, Route, expect
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from scripts.waiting import until
from tests.browser.inventory import NO_PAGES, VISITS, World, make_world
from tests.factories import make_company
from tests.sessions import signed_in

WIDTHS = {"phone": (375, 812), "wide": (1440, 900)}
THEMES = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}}
# What may differ between light and dark; all the rest is looked at once.
RULES_OF_COLOUR = {"runOnly": ["color-contrast", "link-in-text-block"]}
# Gives the focus to one thing after the other, and says where nobody would see it.
RINGS = (Path(__file__).parent / "focus.js").read_text()
# What the Tab key should lead to.
STOPS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
  .filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true}))"""
# For an argument of each kind, something that no row has.
NOBODY = {"int": 0, "uuid": uuid.UUID(int=0), "str": "x", "slug": "x"}


@dataclass
class Window:
    """A browser's window that is led from page to page, with what it complained about since it was asked last."""

    page: Page
    base_url: str
    # A test that fails shows its window, and not the rows in it: they would be asked for again.
    world: World = field(repr=False)
    theme: str = "light"
    complaints: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        """Opens a page of the inventory, as the person who looks at it."""
        visit = VISITS[name]
        self.page.context.clear_cookies()
        if visit.who in self.world.cookies:
            value = self.world.cookies[visit.who]
            self.page.context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.base_url}]
            )
        self.complaints.clear()
        address = self.base_url + visit.address(self.world)
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status < 500
        # The token of a mailed link does not stay in the address.
        assert self.page.url == address or visit.name == "password_reset_confirm", self.page.url

    def dress(self, theme: str, width: str) -> None:
        """Another theme and width of the same page: on a phone as the device has it, elsewhere as the person chose."""
        self.theme = theme
        self.page.set_viewport_size(dict(zip(("width", "height"), WIDTHS[width], strict=True)))  # type: ignore[arg-type]
        is_chosen = width == "wide"
        self.page.emulate_media(color_scheme="light" if is_chosen else theme, reduced_motion="reduce")  # type: ignore[arg-type]
        self.page.evaluate(
            "theme => theme ? document.documentElement.setAttribute('data-bs-theme', theme)"
            " : document.documentElement.removeAttribute('data-bs-theme')",
            theme if is_chosen else "",
        )
        # Colours fade into each other: what is measured on the way is neither.
        self.page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished)).then(() => true)")

    def problems(self, within: str = "html") -> list[str]:
        """What axe-core finds in a part of the page, and whether the page goes over its edge."""
        rules = {**(RULES if self.theme == "light" else RULES_OF_COLOUR), "resultTypes": ["violations"]}
        found = self.page.evaluate("([part, rules]) => axe.run(part, rules)", [within, rules])["violations"]
        return [*(_sentence(violation) for violation in found), *self.overflow()]

    def unseen(self, within: str = "body") -> list[str]:
        """What in a part of the page has no ring, or one that cannot be seen whole, once it has the focus."""
        said: list[str] = self.page.evaluate(RINGS, within)
        return said

    def overflow(self) -> list[str]:
        """What stands beyond the right edge, if the page can be scrolled sideways."""
        beyond: list[str] = self.page.evaluate(
            """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
               [...document.body.querySelectorAll('*')]
                 .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
                 .map(one => `over the edge: ${one.outerHTML.slice(0, 120)}`).slice(0, 3)
                 .concat('the page scrolls sideways')"""
        )
        return beyond


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Rows for all tests of this module. Where the proxy would be, nobody listens."""
    with django_db_blocker.unblock(), override_settings(PROXY_URL="http://127.0.0.1:9"):
        try:
            yield _apart(make_world)
        finally:
            _apart(partial(call_command, "flush", verbosity=0, interactive=False))


@pytest.fixture(scope="module")
def window(browser: Browser, world: World) -> Iterator[Window]:
    """A window onto a live server, for all tests of this module."""
    # A browser keeps its lines open, and each would keep one to the database, which could not be dropped then.
    connections.settings["default"]["CONN_MAX_AGE"] = 0
    server = LiveServer("127.0.0.1:0")
    try:
        context = browser.new_context(reduced_motion="reduce", locale="en-GB")
        context.add_init_script(AXE_SCRIPT)
        window = Window(context.new_page(), server.url, world)
        _listen(window)
        yield window
        context.close()
    finally:
        server.stop()


def _apart(work: Callable[[], Any]) -> Any:
    """Does something with the database in a thread that ends: the browser's driver runs a loop in this one."""

    def done() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()


def _listen(window: Window) -> None:
    """Hears what the console says, what is not found, and what is asked for elsewhere."""

    def console(text: str, kind: str) -> None:
        # The status of a page that is refused on purpose is in the console too, and is looked at by itself.
        if kind == "error" and "Failed to load resource" not in text:
            window.complaints.append(text)

    def asked(address: str) -> None:
        if not address.startswith((window.base_url, "data:")):
            window.complaints.append(address)

    def answered(response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            window.complaints.append(f"{response.status} {response.url}")

    page = window.page
    page.on("console", lambda message: console(message.text, message.type))
    page.on("pageerror", lambda error: window.complaints.append(str(error)))
    page.on("request", lambda request: asked(request.url))
    page.on("response", answered)


def _sentence(violation: dict[str, Any]) -> str:
    node = violation["nodes"][0]
    return f"{violation['id']} ({len(violation['nodes'])}×): {node['html'][:160]} — {node['failureSummary'][:200]}"


@pytest.mark.parametrize("name", VISITS)
def test_a_page_is_for_everyone(window: Window, name: str) -> None:
    window.look(name)
    page = window.page
    assert page.locator("h1").count() == 1
    assert page.title().endswith("· banksync")
    assert page.title() != "· banksync"
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(one => { one.open = true })")
    found: list[str] = []
    for theme, width in product(THEMES, WIDTHS):
        window.dress(theme, width)
        found += [f"{theme}, {width}: {problem}" for problem in (*window.problems(), *window.unseen())]
    assert found == [], "\n".join(found)
    assert window.complaints == []


@pytest.mark.parametrize("name", ["dashboard", "connection", "lines"])
def test_every_menu_is_for_everyone(window: Window, name: str) -> None:
    window.look(name)
    found: list[str] = []
    for theme, width in product(THEMES, WIDTHS):
        window.dress(theme, width)
        for number, menu in enumerate(window.page.locator("details.menu").all()):
            if not menu.locator("summary").first.is_visible():
                continue
            menu.evaluate("one => { one.open = true }")
            said = window.problems("details.menu[open]") + window.unseen("details.menu[open]")
            found += [f"{theme}, {width}, menu {number}: {problem}" for problem in said]
            menu.evaluate("one => { one.open = false }")
    assert found == [], "\n".join(found)


def test_a_menu_is_opened_and_left_with_the_keyboard(window: Window) -> None:
    window.look("dashboard")
    window.dress("light", "wide")
    page = window.page
    summary = page.locator("header.top details.menu > summary").last
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert summary.evaluate("one => one === document.activeElement")


def test_the_first_tab_leads_past_the_bars(window: Window) -> None:
    window.look("dashboard")
    page = window.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("name", ["dashboard", "connection", "lines, one beside", "link accounts"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_tab_key_leads_to_everything(window: Window, name: str, width: str) -> None:
    window.look(name)
    window.dress("light", width)
    page = window.page
    page.evaluate("window.reached = new Set(); addEventListener('focusin', event => reached.add(event.target))")
    # A date has a stop for its day, its month, its year and its calendar.
    stops = page.evaluate(f"({STOPS})().reduce((all, one) => all + (one.type === 'date' ? 4 : 1), 0)")
    for _ in range(stops):
        page.keyboard.press("Tab")
    assert page.evaluate(f"({STOPS})().filter(one => !reached.has(one)).map(one => one.outerHTML)") == []


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("", []),
        ("button { outline: none }", ["no ring"]),
        ("button { outline: 1px solid black }", ["no ring"]),
        ("button { outline: 2px solid silver }", ["a ring of contrast 1.82"]),
        ("button { position: absolute; left: 0 }", ["its ring is cut off by the window"]),
        ("div { overflow: hidden }", ["its ring is cut off by a box"]),
        ("nav { position: fixed; inset: 0 0 auto }", ["it is below a bar"]),
    ],
)
def test_a_ring_that_nobody_sees_is_found(window: Window, style: str, said: list[str]) -> None:
    page = window.page
    page.goto("about:blank")
    page.set_content(
        "<style>html { color-scheme: light } button { outline: 2px solid black; outline-offset: 2px }"
        f"{style}</style><nav class='a bar'>A bar</nav><div class='a box'><button>Go</button></div>"
    )
    assert [problem.rpartition(": <")[0] for problem in window.unseen()] == said


@pytest.mark.parametrize(
    ("name", "ask", "place", "side"),
    [
        ("connect, not yet looked for", lambda page: page.locator("#bank-search").fill("books"), "#banks", "::before"),
        ("lines", lambda page: page.locator(".lines .who > a").first.click(), "#panel", "::before"),
        ("link accounts", lambda page: page.locator("[name=preview]").first.click(), "fieldset", "::after"),
    ],
)
def test_what_is_on_its_way_has_its_shape(
    window: Window, name: str, ask: Callable[[Page], None], place: str, side: str
) -> None:
    window.look(name)
    window.dress("light", "wide")
    page = window.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**", hold)
    ask(page)

    def height() -> float:
        style = f"getComputedStyle(document.querySelector('{place}'), '{side}').height"
        return float(page.evaluate(f"parseFloat({style}) || 0"))

    until(lambda: height() > 50, seconds=10, what="the shape of what comes")
    for one in held:
        one.continue_()
    page.unroute("**")
    until(lambda: height() == 0, seconds=10, what="what comes")


@pytest.mark.django_db
def test_every_page_is_in_the_inventory() -> None:
    client = signed_in(make_company(), role="admin")
    pages = {name for name, address in _addresses() if _answers(client, address)}
    assert pages - {visit.name for visit in VISITS.values()} - set(NO_PAGES) == set()
    assert {visit.name for visit in VISITS.values()} <= pages


def _answers(client: Client, address: str) -> bool:
    """Whether an address can be looked at: what only does something refuses a look before all else."""
    return client.get(address).status_code != 405


def _addresses() -> Iterator[tuple[str, str]]:
    """The name of every address but those of the administration, with an example of it."""
    for pattern in _patterns(get_resolver().url_patterns):
        arguments = {
            name: NOBODY[type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")]
            for name, converter in pattern.pattern.converters.items()
        }
        yield str(pattern.name), reverse(str(pattern.name), kwargs=arguments)


def _patterns(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif pattern.app_name != "admin":
            yield from _patterns(pattern.url_patterns)
