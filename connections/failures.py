"""Says a failure of the feed in the reader's language; what the bank or the provider said stays as it came."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import get_language, gettext, gettext_lazy

# By the code of the error. The English words are the error's own: a more exact sentence of the proxy is English too.
FAILURES = {
    "unknown": gettext_lazy("The bank feed could not do this."),
    "unreachable": gettext_lazy("The provider cannot be reached at the moment."),
    "proxy_unreachable": gettext_lazy("The banksync proxy cannot be reached at the moment."),
    "provider_down": gettext_lazy("The provider is out of order at the moment."),
    "institution_down": gettext_lazy("The bank is not available at the moment."),
    "rate_limited": gettext_lazy("The bank or the provider was asked too often."),
    "not_ready": gettext_lazy("The provider is still reading from the bank."),
    "pages_changed": gettext_lazy("The transactions changed while they were being read; they are read again."),
    "position_lost": gettext_lazy(
        "Where the last fetch ended is no longer known; the account is read from its beginning."
    ),
    "invalid_response": gettext_lazy("The provider sent an answer that cannot be understood."),
    "unknown_provider_error": gettext_lazy("The provider answered with an error."),
    "consent_expired": gettext_lazy("The bank asks for a new sign-in."),
    "secret_expired": gettext_lazy("The provider no longer accepts the permission it gave: update the credentials."),
    "credentials_rejected": gettext_lazy("The bank did not accept the sign-in."),
    "user_present": gettext_lazy("The bank asks for a confirmation each time: fetch by hand."),
    "connection_gone": gettext_lazy("The connection no longer exists at the provider."),
    "already_connected": gettext_lazy(
        "This sign-in is connected already: use the connection that is there, or update its credentials."
    ),
    "link_expired": gettext_lazy("The bank's page is no longer valid; start again."),
    "not_supported": gettext_lazy("This bank cannot do that through this provider."),
    "institution_retired": gettext_lazy("The provider no longer supports this bank."),
    "provider_misconfigured": gettext_lazy("The proxy's access to the provider is not in order."),
    "signature_invalid": gettext_lazy("The request's signature is not valid."),
    "clock_skew": gettext_lazy("The clock of this server is off."),
    "replayed": gettext_lazy("The request was sent before."),
    "client_blocked": gettext_lazy("This installation is blocked because of suspicious activity."),
    "client_disconnected": gettext_lazy("The proxy does not know this installation any more."),
    "subscription_refused": gettext_lazy("Online bank synchronization needs a valid subscription."),
    "not_found": gettext_lazy("The proxy does not know this."),
    "bad_request": gettext_lazy("The request was not understood."),
    "webhook_refused": gettext_lazy("The message is not proven to come from the provider."),
}
_THEIR_WORDS = re.compile(r"^(?P<ours>.*?)(?P<theirs> “.*”)?$", re.DOTALL)


def in_words(message: str, code: str = "") -> str:
    """The sentence of a failure for people, from what the proxy said and the error's code.

    In English it is the proxy's own sentence, which may be more exact than the code. In another language it is that
    sentence's translation where there is one, else the code's; an unknown code keeps what was said. What stands in
    quotation marks behind it is the bank's or the provider's and stays.
    """
    if (get_language() or "en").startswith("en"):
        return message or str(FAILURES.get(code, FAILURES["unknown"]))
    parts = _THEIR_WORDS.fullmatch(message)
    ours, theirs = (parts["ours"], parts["theirs"] or "") if parts else (message, "")
    return (_translated(ours) or _by_code(code) or ours or str(FAILURES["unknown"])) + theirs


def _translated(message: str) -> str:
    """The sentence in the reader's language; "" when it is not in the catalogue."""
    translated = gettext(message) if message else ""
    return translated if translated != message else ""


def _by_code(code: str) -> str:
    if code == "proxy_unreachable":
        return gettext("The banksync proxy at %(host)s cannot be reached from this server at the moment.") % {
            "host": urlsplit(settings.PROXY_URL).netloc
        }
    return str(FAILURES.get(code, ""))
