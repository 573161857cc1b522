"""``make translate`` and its two companions: keep the catalogues in step, list what is missing, fill it in.

python -m scripts.translations                    takes over what the code says now, for every language
python -m scripts.translations missing nl         prints what has no translation yet, as JSON
python -m scripts.translations fill nl done.json  puts translations in: {"Save": "Opslaan", "%(n)d new": ["…", "…"]}
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message

from scripts import catalogs


def main(arguments: list[str]) -> int:
    """Runs one of the three; 1 when something is refused, 2 when it was not called rightly."""
    match arguments:
        case []:
            return _merge()
        case ["missing", language] if language in catalogs.LANGUAGES:
            return _missing(language)
        case ["fill", language, file] if language in catalogs.LANGUAGES:
            return _fill(language, Path(file))
    print(f"{__doc__}\nLanguages: {', '.join(catalogs.LANGUAGES)}", file=sys.stderr)
    return 2


def _merge() -> int:
    template = catalogs.extracted()
    for language in catalogs.LANGUAGES:
        catalog = catalogs.load(language)
        catalogs.merge(catalog, template)
        catalogs.save(catalog, language)
        print(f"{language}: {len(catalogs.missing(catalog))} of {len(catalogs.texts(catalog))} without a translation")
    return 0


def _missing(language: str) -> int:
    catalog = catalogs.load(language)
    catalogs.merge(catalog, catalogs.extracted())
    print(json.dumps([_described(message) for message in catalogs.missing(catalog)], ensure_ascii=False, indent=1))
    return 0


def _described(message: Message) -> dict[str, Any]:
    described: dict[str, Any] = {"key": catalogs.key_of(message)}
    if isinstance(message.id, tuple | list):
        described["plural"] = message.id[1]
    return {**described, "files": sorted({file for file, _line in message.locations})}


def _fill(language: str, file: Path) -> int:
    """Everything that fits is put in and saved, whatever else is refused."""
    catalog = catalogs.load(language)
    catalogs.merge(catalog, catalogs.extracted())
    refused = []
    for key, said in json.loads(file.read_text()).items():
        try:
            catalogs.fill(catalog, key, said)
        except catalogs.BadTranslation as problem:
            refused.append(str(problem))
    for sentence in refused:
        print(sentence, file=sys.stderr)
    catalogs.save(catalog, language)
    print(f"{language}: {len(catalogs.missing(catalog))} of {len(catalogs.texts(catalog))} without a translation")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
