"""Text on a PDF page in whatever script a payer wrote: one face carried along, and the readers' own for Asian ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

PLAIN, BOLD = "DejaVu Sans", "DejaVu Sans Bold"
_FOLDER = Path(__file__).parent / "fonts"
_FILES = {PLAIN: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}
# Latin, Greek, Cyrillic and many more are in the face itself. These are not embedded: every reader of PDF brings them.
_KOREAN, _JAPANESE, _CHINESE = "HYSMyeongJo-Medium", "HeiseiMin-W3", "STSong-Light"
# What no face here has, an emoji for one.
_MISSING = "\u25a1"


def draw(canvas: Canvas, words: str, x: int, y: int, *, font: str = PLAIN, size: int = 8) -> None:
    """Writes one line of text with its left end at (x, y), in points from the lower left corner."""
    text = canvas.beginText(x, y)
    for name, piece in _runs(words, font):
        text.setFont(name, size)
        text.textOut(piece)
    canvas.drawText(text)


def draw_right(canvas: Canvas, words: str, x: int, y: int, *, font: str = PLAIN, size: int = 8) -> None:
    """As ``draw``, with its right end at (x, y)."""
    draw(canvas, words, x - width(words, font=font, size=size), y, font=font, size=size)


@lru_cache(maxsize=20_000)
def width(words: str, *, font: str = PLAIN, size: int = 8) -> int:
    """How wide the text is, in whole points, rounded up."""
    total = sum(pdfmetrics.stringWidth(piece, name, size) for name, piece in _runs(words, font))
    return int(total) + 1


def wrapped(words: str, limit: int, *, size: int = 8, most: int = 4) -> list[str]:
    """The text in lines of at most ``limit`` points; what does not fit into ``most`` lines ends in an ellipsis."""
    lines: list[str] = []
    for paragraph in words.splitlines():
        lines += _lines(paragraph, limit, size=size)
        if len(lines) > most:
            return [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]
    return lines


def _lines(paragraph: str, limit: int, *, size: int) -> Iterator[str]:
    """Whole words as long as they fit. Widths are added up word by word: those of words are known, not of lines."""
    space = width(" ", size=size)
    line, taken = "", 0
    for word in paragraph.split():
        needed = width(word, size=size)
        if line and taken + space + needed <= limit:
            line, taken = f"{line} {word}", taken + space + needed
            continue
        if line:
            yield line
        if needed > limit:
            *full, word = _broken(word, limit, size=size)
            yield from full
        line, taken = word, width(word, size=size)
    if line:
        yield line


def _broken(word: str, limit: int, *, size: int) -> list[str]:
    """A word in pieces that fit: Asian text has no spaces, and references can be long."""
    pieces = [""]
    for character in word:
        if pieces[-1] and width(pieces[-1] + character, size=size) > limit:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _runs(words: str, font: str) -> list[tuple[str, str]]:
    """The text in pieces of one face each: (its name, the piece)."""
    if _glyphs(font).issuperset(map(ord, words)):
        return [(font, words)]
    return list(_mixed(words, font))


def _mixed(words: str, font: str) -> Iterator[tuple[str, str]]:
    glyphs = _glyphs(font)
    known = [
        (font, character) if ord(character) in glyphs else (_asian(ord(character)) or font, character)
        for character in words
    ]
    for name, run in groupby(known, key=lambda pair: pair[0]):
        piece = "".join(character for _name, character in run)
        if name == font:
            piece = "".join(character if ord(character) in glyphs else _MISSING for character in piece)
        yield name, piece


def _asian(code: int) -> str:
    if 0xAC00 <= code <= 0xD7A3 or 0x1100 <= code <= 0x11FF:
        return _face(_KOREAN)
    if 0x3040 <= code <= 0x30FF or 0xFF61 <= code <= 0xFF9F:
        return _face(_JAPANESE)
    if 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0xFF00 <= code <= 0xFF60:
        return _face(_CHINESE)
    return ""


@cache
def _glyphs(font: str) -> frozenset[int]:
    """The characters of the embedded face, which is read at its first use."""
    face = TTFont(font, str(_FOLDER / _FILES[font]))
    pdfmetrics.registerFont(face)
    return frozenset(face.face.charToGlyph)


@cache
def _face(name: str) -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name
