"""Says a failure of the feed in the reader's language; what the bank or the provider said stays as it came."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import get_language, gettext

from providers.errors import BY_CODE, FeedError

_THEIR_WORDS = re.compile(r"^(?P<ours>.*?)(?P<theirs> “.*”)?$", re.DOTALL)


def in_words(message: str, code: str = "") -> str:
    """The sentence of a failure for people, from what the proxy said and the error's code.

    In English it is the proxy's own sentence, which may be more exact than the code. In another language it is that
    sentence's translation where there is one, else that of the code's sentence; an unknown code keeps what was said.
    What stands in quotation marks behind it is the bank's or the provider's and stays. The sentences of all codes are
    in the catalogues (``scripts.catalogs``).
    """
    if (get_language() or "en").startswith("en"):
        return message or BY_CODE.get(code, FeedError).message
    parts = _THEIR_WORDS.fullmatch(message)
    ours, theirs = (parts["ours"], parts["theirs"] or "") if parts else (message, "")
    return (_translated(ours) or _by_code(code) or ours or gettext(FeedError.message)) + theirs


def _translated(message: str) -> str:
    """The sentence in the reader's language; "" when it is not in the catalogue."""
    translated = gettext(message) if message else ""
    return translated if translated != message else ""


def _by_code(code: str) -> str:
    if code == "proxy_unreachable":
        return gettext("The banksync proxy at %(host)s cannot be reached from this server at the moment.") % {
            "host": urlsplit(settings.PROXY_URL).netloc
        }
    return gettext(BY_CODE[code].message) if code in BY_CODE else ""
