"""The catalogues of translations: what the code says, what each language has for it, and what is wrong with that."""

from __future__ import annotations

import ast
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from providers.errors import BY_CODE
from scripts.programs import ROOT

LANGUAGES = ("nl", "ko", "zh_Hans")
LOCALE = ROOT / "locale"
# The app alone is translated: the pretend banks and the operator's pages are for people who build and run it.
ROOMS = ("banksync", "companies", "connections", "foundation", "providers", "statements")
TEMPLATES = ROOT / "templates"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# What Django makes of a template: a call for each text, in a field of X.
_CALL = re.compile(r"(?<!\w)(n?p?gettext|_)\(")
# What a program puts in, and what a browser makes of it: both must be in every language.
_PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|%[sd]|\{\w*\}|</?\w+[^>]*>|&\w+;")
# They change with every run and say nothing.
_RESTLESS = (
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Generated-By",
    "Report-Msgid",
)


# The same texts make the same file, whenever that is.
_ALWAYS = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class BadTranslation(Exception):
    """A text that cannot stand in a catalogue; the message says which and why."""


def extracted() -> Catalog:
    """Every text that the app's code and templates hand to gettext, with the files it stands in."""
    found = _catalog("en")
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        with path.open("rb") as source:
            for line, words, _comments, context in extract("python", source, KEYWORDS):
                _add(found, words, path=path, line=line, context=context)
    # What each code of an error says is translated where it is shown (connections.failures).
    for kind in BY_CODE.values():
        _add(found, (kind.message,), path=ROOT / "providers" / "errors.py", line=1, context=None)
    for path in sorted(TEMPLATES.rglob("*.html")) + sorted(TEMPLATES.rglob("*.txt")):
        for words, context in _of_template(path):
            _add(found, words, path=path, line=1, context=context)
    return found


def load(language: str) -> Catalog:
    """The catalogue of a language as it is committed; an empty one where there is none yet."""
    path = po_path(language)
    if not path.exists():
        return _catalog(language)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django", abort_invalid=True)


def save(catalog: Catalog, language: str) -> None:
    """Writes both files of a language: the one that people edit, sorted, and the one that the app reads."""
    text = io.BytesIO()
    write_po(text, catalog, width=0, sort_output=True, ignore_obsolete=True, include_lineno=False)
    lines = text.getvalue().decode().splitlines(keepends=True)
    po_path(language).parent.mkdir(parents=True, exist_ok=True)
    po_path(language).write_text(
        "".join(line for line in lines if not line.startswith(tuple(f'"{n}' for n in _RESTLESS)))
    )
    mo_path(language).write_bytes(compiled(language))


def compiled(language: str) -> bytes:
    """What the app reads, made of the committed catalogue."""
    catalog, made = load(language), io.BytesIO()
    catalog.creation_date = catalog.revision_date = _ALWAYS
    write_mo(made, catalog)
    return made.getvalue()


def merge(catalog: Catalog, template: Catalog) -> None:
    """Takes over what the code says now. Nothing is guessed from similar texts; what is no longer said goes."""
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)


def missing(catalog: Catalog) -> list[Message]:
    """The texts of a catalogue that have no translation, or not in every plural form."""
    return [message for message in texts(catalog) if message.fuzzy or not all(forms(message, catalog))]


def fill(catalog: Catalog, key: str, said: str | list[str]) -> None:
    """Puts one translation in. A text with a plural has a list, one per form. Raises ``BadTranslation``."""
    message = next((message for message in texts(catalog) if key_of(message) == key), None)
    if message is None:
        raise BadTranslation(f"nothing says “{key}”")
    before, message.string = message.string, tuple(said) if isinstance(said, list) else said
    problems = problems_of(message, catalog)
    if problems:
        message.string = before
        raise BadTranslation(f"“{key}”: {'; '.join(problems)}")


def problems_of(message: Message, catalog: Catalog) -> list[str]:
    """What is wrong with one translation: empty forms, too few of them, other placeholders, other white space."""
    found = []
    if message.pluralizable != isinstance(message.string, tuple | list):
        return ["a plural has a list of forms, any other text has one sentence"]
    translated = forms(message, catalog)
    if message.fuzzy:
        found.append("marked as unsure")
    if not all(translated):
        found.append(f"{sum(map(bool, translated))} of {len(translated)} forms are translated")
    sources = list(message.id) if isinstance(message.id, tuple | list) else [message.id]
    for form in filter(None, translated):
        if _placeholders(form) not in [_placeholders(source) for source in sources]:
            found.append(f"“{form}” has other placeholders")
        if (form[:1].isspace(), form[-1:].isspace()) != (sources[0][:1].isspace(), sources[0][-1:].isspace()):
            found.append(f"“{form}” begins or ends with other white space")
    if message.pluralizable and len(translated) > catalog.num_plurals:
        found.append(f"has more than {catalog.num_plurals} forms")
    return found


def texts(catalog: Catalog) -> list[Message]:
    """Every message but the header."""
    return [message for message in catalog if message.id]


def forms(message: Message, catalog: Catalog) -> list[str]:
    """A translation's forms, as many as the language has; "" for one that is missing."""
    if not message.pluralizable:
        return [str(message.string or "")]
    said = [*message.string] if isinstance(message.string, tuple | list) else []
    return [str(form or "") for form in said] + [""] * (catalog.num_plurals - len(said))


def key_of(message: Message) -> str:
    """What names a text in a file of translations: its (singular) words, after its context where it has one."""
    singular = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return f"{message.context}|{singular}" if message.context else str(singular)


def po_path(language: str) -> Path:
    """The catalogue that people edit."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def mo_path(language: str) -> Path:
    """The catalogue that the app reads."""
    return po_path(language).with_suffix(".mo")


def _catalog(language: str) -> Catalog:
    return Catalog(
        locale=language,
        domain="django",
        project="banksync",
        version="1",
        header_comment=f"# What banksync says, in the language “{language}”. See docs/languages.md.",
        fuzzy=False,
    )


def _of_template(path: Path) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """The texts of a template, each as its singular (and plural), with its context."""
    source = templatize(path.read_text(), origin=str(path))
    for call in _CALL.finditer(source):
        words = _strings(source[call.end() - 1 :])
        context = words.pop(0) if "p" in call[1].removesuffix("gettext") else None
        yield tuple(words), context


def _strings(source: str) -> list[str]:
    """The texts at the beginning of the arguments of a call: ``('a', 'b', count)`` gives a and b."""
    found = []
    part = re.compile(r"[(,]\s*(u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"))", re.DOTALL)
    position = 0
    while here := part.match(source, position):
        found.append(str(ast.literal_eval(here[1])))
        position = here.end()
    return found


def _add(catalog: Catalog, words: object, *, path: Path, line: int, context: str | None) -> None:
    parts = [str(word) for word in words if word is not None] if isinstance(words, tuple) else [str(words)]
    if not any(parts):
        return
    identity: str | tuple[str, ...] = tuple(parts[:2]) if len(parts) > 1 else parts[0]
    known = catalog.get(parts[0], context)
    if known is not None and isinstance(known.id, str) is not isinstance(identity, str):
        # Looked for alone, it would be found in the form for many, in a language that has no other.
        raise BadTranslation(f"“{parts[0]}” stands alone in one place and with a plural in another: use other words")
    catalog.add(identity, locations=[(str(path.relative_to(ROOT)), line)], context=context)


def _placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))
