"""How far things on a page jump, as the browser itself counts it."""

from __future__ import annotations

from playwright.sync_api import Page

_WATCH = """
window.shifts = [];
const name = (source) => source.node?.outerHTML?.slice(0, 120) ?? "something that is gone";
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts.push(...entry.sources.map(name));
}).observe({ type: "layout-shift" });
"""


def watch(page: Page) -> None:
    """From now on jumps are written down, also those in answer to a press, which the usual score leaves out."""
    page.evaluate(_WATCH)


def jumped(page: Page) -> list[str]:
    """What has jumped since, as the beginning of each element; waits until everything is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    found: list[str] = page.evaluate("() => window.shifts")
    return found
