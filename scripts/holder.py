"""Somebody with an account at a pretend bank, who clicks through the pages of any provider."""

from __future__ import annotations

import requests

from scripts.form_browser import Browser, Page, PageProblem

# Nobody listens there: a walk ends where the app would be.
NOWHERE = "http://127.0.0.1:9/back"
_NAMES = ("user", "username", "login")


def walk(url: str, *buttons: str, ticks_all: bool = False) -> None:
    """Signs in at the bank and presses the first of ``buttons`` that is there; ``ticks_all`` every account before that.

    The browser ends up at ``NOWHERE``, which the connection must have been started with. Raises ``PageProblem`` when
    it ends up elsewhere.
    """
    browser = Browser()
    try:
        page = _sign_in(browser, browser.get(url))
        shown = _press(browser, page, buttons, ticks_all=ticks_all)
    except requests.ConnectionError as error:
        ended = str(error.request.url) if error.request is not None else "nowhere"
        if not ended.startswith(NOWHERE):
            raise
        return
    finally:
        browser.close()
    raise PageProblem(f"the walk did not end: {shown.url} reads {shown.text[:300]}")


def _sign_in(browser: Browser, page: Page) -> Page:
    form = page.form(button="Sign in")
    filled: dict[str, str | list[str]] = {name: "anna" for name in _NAMES if name in form.names}
    return browser.send(form, button="Sign in", password="right", **filled)  # noqa: S106 - every password is right there


def _press(browser: Browser, page: Page, buttons: tuple[str, ...], *, ticks_all: bool) -> Page:
    offered = {text for form in page.forms for text, _, _ in form.buttons}
    button = next((each for each in buttons if each in offered), buttons[0])
    form = page.form(button=button)
    ticked: dict[str, str | list[str]] = {"account": form.choices["account"]} if ticks_all else {}
    return browser.send(form, button=button, **ticked)
