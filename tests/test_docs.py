"""What people read leads somewhere, and its pictures are small enough for every clone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.programs import ROOT
from scripts.screenshots import IMAGES, MOST_BYTES

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#]+)\)|<img src=\"([^\"]+)\"")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = [markdown or html for markdown, html in LINK.findall(page.read_text())]
    here = [link for link in links if not link.startswith("https://")]
    assert [link for link in here if not (page.parent / link).exists()] == []


def test_every_picture_is_small_and_every_page_of_the_app_is_seen_on_a_phone_too() -> None:
    pictures = {path.name: path.stat().st_size for path in IMAGES.glob("*.png")}
    assert {name: size for name, size in pictures.items() if size > MOST_BYTES} == {}
    desks = {name for name in pictures if not name.endswith("-phone.png")}
    assert len(desks) >= 10
    assert {name.replace(".png", "-phone.png") for name in desks} == set(pictures) - desks


def test_every_target_of_make_is_explained_by_it() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE)) - {"help", "runtime", "dev"}
    assert {name for name in targets if f'"make {name} ' not in makefile} == set()
