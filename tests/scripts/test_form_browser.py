"""The browser without JavaScript, against a real server: forms, links, cookies, redirects, refusals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from scripts.form_browser import Browser, Page, PageProblem

START = """
<title>Start</title><style>p { color: red }</style>
<a href="/next">Go
  on</a>
<form method="post" action="/echo">
  <input type="hidden" name="token" value="abc">
  <input name="phone"><textarea name="note">as it &amp; was</textarea>
  <select name="journal"><option value="">none</option><option value="7" selected>Bank</option></select>
  <select name="first"><option value="a">A</option><option value="b">B</option></select>
  <input type="checkbox" name="account" value="1"><input type="checkbox" name="account" value="2" checked>
  <input type="checkbox" name="consent"><input name="off" value="x" disabled>
  <button name="do" value="approve">Approve</button><button name="do" value="cancel">Cancel</button>
</form>
"""


class Site(BaseHTTPRequestHandler):
    """A page with everything a form can have, an echo of what is sent, and a page that is an error."""

    def do_GET(self) -> None:
        if self.path == "/":
            self.answer(200, START, cookie="visited=yes")
        elif self.path == "/next":
            self.answer(200, f"cookie {self.headers.get('Cookie', 'none')}")
        else:
            self.answer(404, "<h1>No such page</h1>")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = parse_qs(body, keep_blank_values=True)
        self.answer(200, " ".join(f"{key}={'+'.join(values)}" for key, values in sorted(sent.items())))

    def answer(self, status: int, html: str, *, cookie: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has above
        """Says nothing: the test's output is for the test."""


@pytest.fixture
def start() -> Iterator[tuple[Browser, Page]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        browser = Browser()
        yield browser, browser.get(f"http://127.0.0.1:{server.server_port}/")
        browser.close()
        server.shutdown()
        thread.join()


def test_a_form_is_sent_as_it_stands_with_what_was_filled_in(start: tuple[Browser, Page]) -> None:
    browser, page = start
    answer = browser.send(page.form(action="/echo"), button="Approve", phone="+32 470", consent="on")
    assert answer.text == "account=2 consent=on do=approve first=a journal=7 note=as it & was phone=+32 470 token=abc"


def test_several_boxes_of_one_name_can_be_ticked(start: tuple[Browser, Page]) -> None:
    browser, page = start
    form = page.form(button="Cancel")
    assert form.choices["account"] == ["1", "2"]
    assert "account=1+2" in browser.send(form, button="Cancel", account=form.choices["account"]).text


def test_a_field_that_the_form_lacks_is_refused(start: tuple[Browser, Page]) -> None:
    browser, page = start
    with pytest.raises(PageProblem, match="has no field fax"):
        browser.send(page.form(action="/echo"), fax="1")


def test_links_are_found_by_their_text_and_cookies_are_kept(start: tuple[Browser, Page]) -> None:
    browser, page = start
    assert browser.get(page.link("Go on")).text == "cookie visited=yes"


def test_what_is_not_on_the_page_is_said_with_what_is(start: tuple[Browser, Page]) -> None:
    _browser, page = start
    with pytest.raises(PageProblem, match="has no link “Back”; it reads: Start Go on"):
        page.link("Back")
    with pytest.raises(PageProblem, match="has no form for “/pay”"):
        page.form(action="/pay")


def test_an_error_page_ends_the_walk(start: tuple[Browser, Page]) -> None:
    browser, page = start
    with pytest.raises(PageProblem, match="answered 404: No such page"):
        browser.get(page.url + "nowhere")
