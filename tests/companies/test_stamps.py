"""What a page repeats is rendered once and filled in, with the same result as if it were included each time."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from tests.pages.elements import read

PAGE = (
    '{% for number, name in things %}{% stamp "statements/_card_menu.html" fill="journal connection name bank"'
    " journal=number connection=connection name=name bank=bank %}{% endfor %}"
)
SHOWN = [(12, "Main & <b>Sons</b>"), (345, "7301958264017300001"), (6, "")]


def shown(**values: object) -> list[list[tuple[str, str]]]:
    context = Context({"things": SHOWN, "request": RequestFactory().get("/"), "bank": "", **values})
    page = read(Template(PAGE).render(context))
    return [
        [(link.attributes["href"], link.text) for link in menu.all("a")]
        for menu in page.all("details", **{"class": "menu"})
    ]


@pytest.mark.parametrize(("connection", "bank", "address"), [(77, "", "/connections/77/"), (None, "A%20B", "?q=A%20B")])
def test_every_stamp_leads_to_its_own_thing(connection: int | None, bank: str, address: str) -> None:
    menus = shown(connection=connection, bank=bank)
    assert len(menus) == len(SHOWN)
    for (number, _name), links in zip(SHOWN, menus, strict=True):
        addresses = [href for href, _text in links]
        assert addresses[0] == f"/journals/{number}/"
        assert addresses[1] == f"/statements/?journal={number}"
        assert addresses[2].endswith(address)


def test_what_people_wrote_is_no_markup_and_no_mark() -> None:
    context = Context({"things": SHOWN, "request": RequestFactory().get("/"), "connection": 1, "bank": ""})
    page = Template(PAGE).render(context)
    assert "<b>" not in page
    assert [one.text for one in read(page).all("span", **{"class": "visually-hidden"})] == [
        "More about Main & <b>Sons</b>",
        "More about 7301958264017300001",
        "More about",
    ]
