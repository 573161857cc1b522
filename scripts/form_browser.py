"""A small browser without JavaScript: pages, links, forms and cookies, over real HTTP.

The main job walks the same pages a person does, and so proves that every action works as a plain form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT = (5, 60)
# Fields that are sent only when they are ticked.
TICKED = {"checkbox", "radio"}


class PageProblem(Exception):
    """A page is not what was expected; the message says which and what it shows instead."""


@dataclass
class Form:
    """A form of a page: where it goes and what it would send as it stands."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    # Everything that could be chosen: checkboxes and radio buttons that are not ticked, and options.
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # text, name, value
    names: set[str] = field(default_factory=set)


@dataclass
class Link:
    """A link of a page, with the text that is read."""

    href: str
    text: str


class Page(HTMLParser):
    """What a page holds, as far as somebody can act on it or read it."""

    def __init__(self, url: str, status: int, html: str) -> None:
        super().__init__()
        self.url = url
        self.status = status
        self.forms: list[Form] = []
        self.links: list[Link] = []
        self.words: list[str] = []
        # Addresses that the page would ask again by itself if it had a script: something there is still going on.
        self.polled: list[str] = []
        self.notices = 0
        self._form: Form | None = None
        self._link: Link | None = None
        self._button: tuple[str, str] | None = None
        self._button_text = ""
        self._select = ""
        self._textarea = ""
        self._hidden = 0
        self.feed(html)

    @property
    def text(self) -> str:
        """All that is read on the page, in one line."""
        return " ".join(" ".join(self.words).split())

    def form(self, *, action: str = "", button: str = "") -> Form:
        """The form whose address holds ``action`` or that has a button with this text. Raises ``PageProblem``."""
        for form in self.forms:
            if (action and action in form.action) or (button and any(text == button for text, _, _ in form.buttons)):
                return form
        raise PageProblem(f"{self.url} has no form for “{action or button}”; it reads: {self.text[:400]}")

    def link(self, text: str) -> str:
        """The address behind the link with this text. Raises ``PageProblem``."""
        for link in self.links:
            if link.text == text:
                return link.href
        raise PageProblem(f"{self.url} has no link “{text}”; it reads: {self.text[:400]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("hx-trigger", "").startswith("every"):
            self.polled.append(urljoin(self.url, given["hx-get"]))
        # A banner stands on every page, whatever that page is about.
        is_notice = "notice" in given.get("class", "").split() and "data-banner" not in given
        if is_notice and "hidden" not in given:
            self.notices += 1
        if tag in {"script", "style"}:
            self._hidden += 1
        elif tag == "form":
            self._form = Form(urljoin(self.url, given.get("action", "")), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._link = Link(urljoin(self.url, given["href"]), "")
            self.links.append(self._link)
        elif self._form is not None:
            self._control(self._form, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._hidden -= 1
        elif tag == "form":
            self._form = None
        elif tag == "a":
            self._link = None
        elif tag == "select" and self._form is not None:
            # A drop-down without a chosen option sends its first one.
            if self._select and not self._form.fields.get(self._select) and self._form.choices.get(self._select):
                self._form.fields[self._select] = self._form.choices[self._select][:1]
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "button" and self._button is not None and self._form is not None:
            self._form.buttons.append((" ".join(self._button_text.split()), *self._button))
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.words.append(data)
        if self._link is not None:
            self._link.text = " ".join(f"{self._link.text} {data}".split())
        if self._button is not None:
            self._button_text += data
        if self._textarea and self._form is not None:
            self._form.fields[self._textarea] = [self._form.fields[self._textarea][0] + data]

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        kind = given.get("type", "submit" if tag == "button" else "text")
        if tag == "button" or (tag == "input" and kind == "submit"):
            self._button, self._button_text = (name, value), ""
            if tag == "input":
                form.buttons.append((value, name, value))
                self._button = None
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(value)
            if "selected" in given:
                form.fields.setdefault(self._select, []).append(value)
        elif name and "disabled" not in given:
            self._field(form, tag, kind=kind, name=name, given=given)

    def _field(self, form: Form, tag: str, *, kind: str, name: str, given: dict[str, str]) -> None:
        form.names.add(name)
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea = name
            form.fields[name] = [""]
        elif tag == "input" and kind in TICKED:
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.fields.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "input":
            form.fields.setdefault(name, []).append(given.get("value", ""))


class Browser:
    """Keeps the cookies, follows redirects, sends forms; refuses to go on from a page that is an error."""

    def __init__(self, *, verify: bool | str = True) -> None:
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "banksync main job"
        # The machine's own proxies and certificates are not for the programs that were just started on it.
        self._session.trust_env = False
        self._session.verify = verify

    def close(self) -> None:
        """Gives the connections back."""
        self._session.close()

    def get(self, url: str, **params: str) -> Page:
        """Opens an address. Raises ``PageProblem`` for an error page."""
        return self._page(self._session.get(url, params=params, timeout=TIMEOUT))

    def send(self, form: Form, *, button: str = "", **fill: str | list[str]) -> Page:
        """Sends a form with the given fields changed, by the button with this text if it has several.

        A field that the form does not have is a ``PageProblem``: the page and its reader have drifted apart.
        """
        unknown = set(fill) - form.names
        if unknown:
            raise PageProblem(f"the form {form.action} has no field {', '.join(sorted(unknown))}: {sorted(form.names)}")
        fields = {**form.fields, **{name: [v] if isinstance(v, str) else v for name, v in fill.items()}}
        fields.update({name: [value] for text, name, value in form.buttons if name and button == text})
        headers = {"Referer": form.action}
        if form.method == "post":
            answer = self._session.post(form.action, data=fields, headers=headers, timeout=TIMEOUT)
        else:
            answer = self._session.get(form.action, params=fields, headers=headers, timeout=TIMEOUT)
        return self._page(answer)

    def _page(self, answer: requests.Response) -> Page:
        page = Page(answer.url, answer.status_code, answer.text)
        if answer.status_code >= 400:
            raise PageProblem(f"{answer.url} answered {answer.status_code}: {page.text[:400]}")
        return page
