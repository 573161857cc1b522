"""Bytes of a text file to text, in whichever of the encodings that banks use."""

from __future__ import annotations

import codecs

from django.utils.translation import gettext as _

from statements.imports.facts import FileRefused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes, encoding: str = "") -> str:
    """The text, with ``\\n`` at its line ends. Raises ``FileRefused`` for what is no text.

    A mark at the beginning decides, then the ``encoding`` that the file names, then whether it is UTF-8. What is left
    is Windows' western encoding, or Latin-1 where a byte has no meaning in it.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _lines(_strictly(content, name))
    if b"\0" in content:
        raise FileRefused(content[: content.index(b"\0")].count(b"\n") + 1, _("this is not a text file."))
    if encoding:
        return _lines(_strictly(content, encoding))
    for name in ("utf-8", "cp1252"):
        try:
            return _lines(content.decode(name))
        except UnicodeDecodeError:
            continue
    return _lines(content.decode("latin-1"))


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileRefused(
            line, _("a character is not %(encoding)s, which the file says it is written in.") % {"encoding": encoding}
        ) from None
    except LookupError:
        raise FileRefused(1, _("the file names an encoding that does not exist.")) from None


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
