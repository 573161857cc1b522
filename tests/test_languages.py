"""Every text can be read in every language: nothing is left out of the catalogues, and nothing in them is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.utils.translation import to_locale

from scripts import catalogs
from scripts.programs import ROOT
from scripts.untranslated import in_module, in_template

ROOMS = ("banksync", "companies", "connections", "statements")
# Read by whoever runs the installation, by other programs, or by nobody.
INWARD = {
    "banksync/settings.py": "why a site refuses to start",
    "statements/figures.py": "what the operator's monitoring reads",
    "statements/exports/table.py": "the columns of a file, named as the import of such files knows them",
    "statements/exports/typeface.py": "names of typefaces",
}


@pytest.fixture(scope="module")
def template() -> Catalog:
    """Every text the code says now."""
    return catalogs.extracted()


def is_outward(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return not {"migrations", "management"} & set(parts) and "/".join(parts) not in INWARD


def test_the_catalogues_are_those_of_the_languages_one_can_choose() -> None:
    assert {to_locale(code) for code, _name in settings.LANGUAGES} == {"en", *catalogs.LANGUAGES}


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_a_catalogue_has_what_the_code_says_and_nothing_else(language: str, template: Catalog) -> None:
    said = {catalogs.key_of(message) for message in catalogs.texts(template)}
    known = {catalogs.key_of(message) for message in catalogs.texts(catalogs.load(language))}
    assert (sorted(said - known), sorted(known - said)) == ([], []), "make translate brings them in step"


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_every_text_is_translated_whole_and_with_the_same_placeholders(language: str) -> None:
    catalog = catalogs.load(language)
    problems = {
        catalogs.key_of(message): found
        for message in catalogs.texts(catalog)
        if (found := catalogs.problems_of(message, catalog))
    }
    assert problems == {}


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_what_the_app_reads_is_made_of_what_people_edit(language: str) -> None:
    assert catalogs.mo_path(language).read_bytes() == catalogs.compiled(language), "make translate makes it anew"


def test_no_template_says_anything_that_cannot_be_translated() -> None:
    found = {str(path.relative_to(ROOT)): in_template(path) for path in sorted(catalogs.TEMPLATES.rglob("*.*"))}
    assert len(found) > 50
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_no_module_says_anything_to_people_that_cannot_be_translated() -> None:
    modules = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if is_outward(path)]
    assert len(modules) > 100
    found = {str(path.relative_to(ROOT)): in_module(path) for path in modules}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_scripts_say_only_what_the_page_gave_them() -> None:
    """A sentence in a script would be English for everybody: it comes out of an attribute that is translated."""
    sentences = {
        f"{path.name}:{number}"
        for path in sorted((ROOT / "static" / "js").glob("*.js"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if " " in (text := line.split("//")[0]) and any(_is_sentence(part) for part in _quoted(text))
    }
    assert sentences == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ('<p>{% translate "Hello there" %} · {{ name }}</p>', []),
        ("<p>{% blocktranslate %}Hello {{ you }}{% endblocktranslate %}</p>", []),
        ('<a title="Hello there" data-x="no text">{{ name }}</a>', ["Hello there"]),
        ('{% include "_x.html" with label="Save" icon="plus" %}', ["Save"]),
        ("{{ name|default:'–' }}<script>let here = 1;</script>", []),
        ("{# a comment #}{% comment %}another{% endcomment %}<b>banksync</b>", []),
    ],
)
def test_it_finds_what_a_template_says_in_english(source: str, found: list[str], tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(source)
    assert in_template(path) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise Refused("the file is empty")', ["1: the file is empty"]),
        ('raise Refused(_("the file is empty"))', []),
        ('messages.success(request, "The journal is kept.")', ["1: The journal is kept."]),
        ('log.info("The journal is kept: %s", 1)', []),
        ('def f() -> None:\n    """The journal is kept."""', []),
        ('label = f"The journal of {name} is kept"', ["1: The journal of "]),
    ],
)
def test_it_finds_what_a_module_says_in_english(source: str, found: list[str], tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert in_module(path) == found


def _quoted(line: str) -> list[str]:
    return [part for quote in "\"'`" for part in line.split(quote)[1::2]]


def _is_sentence(text: str) -> bool:
    words = text.split()
    return len(words) > 2 and text[:1].isupper() and all(word.strip(".,:;?’'").isalpha() for word in words)
