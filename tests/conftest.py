"""What tests share: real servers, whole installations of real programs, and a browser that hears every complaint."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import BrowserContext, ConsoleMessage, WebError

from scripts.installation import Installation
from scripts.services import Services, services
from scripts.throwaway import installed

# The browser's driver runs a loop in the test's thread, which Django would take for an asynchronous view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
REPLACED = ("htmx:afterRequest", "htmx:sendAbort")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page that was asked for in another language leaves that language to the thread; the next test has its own."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def servers() -> Iterator[Services]:
    """PostgreSQL, Redis and Chromium: those of the environment, or private ones for this session."""
    with services() as found:
        yield found


@pytest.fixture(scope="session")
def stack(servers: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One whole installation for the session, clock included. Tests share it: use a company or person of your own."""
    with installed(servers, tmp_path_factory.mktemp("stack")) as installation:
        yield installation


@pytest.fixture
def install(servers: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Installation]]:
    """Makes an installation for one test alone: ``install(clock=False, more={"CLOCK_SECONDS": "1"})``."""
    with ExitStack() as held:

        def make(**options: Any) -> Installation:
            return held.enter_context(installed(servers, tmp_path_factory.mktemp("installation"), **options))

        yield make


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], servers: Services) -> dict[str, Any]:
    """The machine's own Chromium; its sandbox does not work for root and in containers."""
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": servers.chromium, "args": arguments}


@pytest.fixture
def context(context: BrowserContext) -> Iterator[BrowserContext]:
    """A browser window's context; an error in its console or an uncaught exception fails the test."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A refused form answers 422, which the browser itself reports as an error; it is the true status. And htmx
        # reports a request that a later one replaced.
        meant = ("status of 422" in message.text, message.text.startswith(REPLACED))
        if message.type == "error" and not any(meant):
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def hear_uncaught(error: WebError) -> None:
        complaints.append(str(error.error))

    context.on("console", hear)
    context.on("weberror", hear_uncaught)
    yield context
    assert complaints == []
