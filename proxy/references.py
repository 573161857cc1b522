"""The short name of one exchange, read out on the phone: ``7F3K-21QX``."""

from __future__ import annotations

import secrets

# Without I, L, O and U, which are misheard or misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """A new reference: eight characters in two groups, 40 random bits."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
