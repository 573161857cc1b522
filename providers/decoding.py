"""From bytes to a typed value, or an error that names the place and never the content."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from providers.errors import InvalidResponse

T = TypeVar("T")
_DECODERS: dict[Any, Any] = {}
_PATH = re.compile(r"`(\$[^`]*)`$")


def decode(body: bytes | msgspec.Raw, kind: type[T], *, sender: str, within: str = "$") -> T:
    """The JSON text in ``body`` as a ``kind``; numbers for a Decimal are read from their text.

    ``sender`` is who sent it, for people (``"Plaid"``); ``within`` is the path of this text in the whole answer.
    Raises ``InvalidResponse`` naming the path (``$.added[3].amount``).
    """
    try:
        return _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        raise not_understood(sender, at=_place(error, within=within)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, ArithmeticError, RecursionError) as error:
        message = f"{sender} sent an answer that is not readable as JSON ({type(error).__name__})."
        raise InvalidResponse(message) from None


def not_understood(sender: str, *, at: str, why: str = "") -> InvalidResponse:
    """The error for a value that is there but cannot be taken; ``why`` is a short reason without the content."""
    reason = f": {why}" if why else ""
    return InvalidResponse(f"{sender} sent an answer that cannot be understood at {at}{reason}.")


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """One decoder for each kind: making it costs more than a small answer."""
    if kind not in _DECODERS:
        _DECODERS[kind] = msgspec.json.Decoder(kind)
    found: msgspec.json.Decoder[T] = _DECODERS[kind]
    return found


def _place(error: msgspec.ValidationError, *, within: str) -> str:
    """The path out of msgspec's message, whose other half may quote the content."""
    found = _PATH.search(str(error))
    return within + (found.group(1)[1:] if found else "")
