"""The commands that keep the catalogues: what is missing is listed, what fits is put in, what does not is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scripts import catalogs, translations
from scripts.catalogs import extracted

LINES = ("%(n)s new line", "%(n)s new lines")


@pytest.fixture(autouse=True)
def own_catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catalogues in a folder of the test, for a program that says three things."""
    template = Catalog()
    for words in ("Save", "The journal %(name)s was made.", LINES):
        template.add(words, locations=[("somewhere.py", 1)])
    monkeypatch.setattr(catalogs, "LOCALE", tmp_path)
    monkeypatch.setattr(catalogs, "extracted", lambda: template)


def fill(language: str, said: dict[str, str | list[str]], folder: Path) -> int:
    file = folder / "done.json"
    file.write_text(json.dumps(said))
    return translations.main(["fill", language, str(file)])


def known(language: str) -> dict[str, list[str]]:
    catalog = catalogs.load(language)
    return {catalogs.key_of(message): catalogs.forms(message, catalog) for message in catalogs.texts(catalog)}


def test_what_has_no_translation_is_listed_with_its_plural_and_its_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert translations.main(["missing", "nl"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {entry["key"] for entry in listed} == {"Save", "The journal %(name)s was made.", LINES[0]}
    assert {"key": LINES[0], "plural": LINES[1], "files": ["somewhere.py"]} in listed


def test_translations_are_put_in_with_as_many_forms_as_the_language_has(tmp_path: Path) -> None:
    assert fill("nl", {"Save": "Opslaan", LINES[0]: ["%(n)s nieuwe regel", "%(n)s nieuwe regels"]}, tmp_path) == 0
    assert fill("ko", {LINES[0]: ["새 내역 %(n)s건"]}, tmp_path) == 0
    assert known("nl")[LINES[0]] == ["%(n)s nieuwe regel", "%(n)s nieuwe regels"]
    assert known("ko")[LINES[0]] == ["새 내역 %(n)s건"]
    assert catalogs.mo_path("nl").read_bytes() == catalogs.compiled("nl")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("The journal %(name)s was made.", "Het dagboek %(naam)s is gemaakt."),
        ("The journal %(name)s was made.", " Het dagboek %(name)s is gemaakt."),
        (LINES[0], ["%(n)s nieuwe regel"]),
        (LINES[0], "%(n)s nieuwe regels"),
        ("Nobody says this", "Niemand zegt dit"),
    ],
)
def test_what_does_not_fit_is_named_and_left_out_and_the_rest_is_kept(
    key: str, said: str | list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fill("nl", {key: said, "Save": "Opslaan"}, tmp_path) == 1
    assert f"“{key}”" in capsys.readouterr().err
    assert known("nl")["Save"] == ["Opslaan"]
    assert not any(known("nl").get(key, [""]))


def test_what_is_no_longer_said_goes_and_what_is_said_stays_translated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill("nl", {"Save": "Opslaan", "The journal %(name)s was made.": "Het dagboek %(name)s is gemaakt."}, tmp_path)
    template = Catalog()
    template.add("Save")
    template.add("Saved")
    monkeypatch.setattr(catalogs, "extracted", lambda: template)
    assert translations.main([]) == 0
    assert known("nl") == {"Save": ["Opslaan"], "Saved": [""]}


def test_a_language_that_is_not_spoken_is_refused_with_a_word_of_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert translations.main(["missing", "tlh"]) == 2
    assert "Languages: nl, ko, zh_Hans" in capsys.readouterr().err


def test_a_text_that_stands_alone_and_with_a_plural_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "words.py").write_text('_("every hour")\nngettext("every hour", "every %(n)s hours", 2)\n')
    for name, value in {"ROOT": tmp_path, "ROOMS": ("room",), "TEMPLATES": tmp_path / "none", "BY_CODE": {}}.items():
        monkeypatch.setattr(catalogs, name, value)
    with pytest.raises(catalogs.BadTranslation, match="stands alone in one place and with a plural"):
        extracted()
