"""What people see of every error of every provider: one row each, written down by hand.

A row is the sentence in the chatter and what follows from it. The outcomes say, for a fetch that a person asked for
and for one that the clock or an event began: the state, what the chatter offers, and when the clock fetches again.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.feed.errors_walk import Seen

AGAIN = ("says: It is tried again by itself.",)
SUPPORT = ("says: Contact support and give the reference.",)
SWITCH_OFF = ("button: Switch automatic synchronization off",)


@dataclass(frozen=True)
class Outcome:
    """What follows from a failure. ``state_said`` is the chatter's sentence about the state that it led to."""

    status: str
    offered: tuple[str, ...]
    next_fetch: str
    offered_by_itself: tuple[str, ...] | None = None
    state_said: str = ""
    limit: bool = False

    def seen(self, sentence: str, *, theirs: str, is_attended: bool) -> Seen:
        """What a failure with this sentence of ours and these words of the provider leaves."""
        said = f"{sentence} “{theirs}”" if theirs else sentence
        if self.limit:
            said += " It can be read again from … on."
        offered = self.offered if is_attended or self.offered_by_itself is None else self.offered_by_itself
        return Seen(
            status=self.status,
            said=tuple(text for text in (said, self.state_said) if text),
            offered=offered,
            next_fetch=self.next_fetch,
        )


HEALS = Outcome("connected", AGAIN, "in two minutes")
A_MINUTE = Outcome("connected", AGAIN, "in a minute", limit=True)
AN_HOUR = Outcome("connected", AGAIN, "in an hour", limit=True)
SIX_HOURS = Outcome("connected", AGAIN, "in six hours", limit=True)
NOT_OURS = Outcome("connected", SUPPORT, "in two minutes")
RETIRED = Outcome("connected", SWITCH_OFF, "not by clock")
BY_HAND = Outcome("connected", ("button: Confirm at the bank",), "not by clock", offered_by_itself=SWITCH_OFF)
OTHER_WAY = Outcome(
    "connected", ("link: Connect this bank through another provider, or import its files.",), "in two minutes"
)
OTHER_ACCOUNTS = Outcome("connected", ("button: Fetch Accounts",), "in two minutes")
TWICE = Outcome("connected", ("button: Sign in at the bank again",), "in two minutes")
NOTHING_TO_DO = Outcome("connected", (), "in two minutes")
ASKS = Outcome(
    "action_required",
    ("button: Sign in at the bank again",),
    "not by clock",
    state_said="Action required: the bank asks for a new sign-in.",
)
REJECTED = Outcome(
    "action_required",
    ("button: Sign in at the bank again",),
    "not by clock",
    state_said="Action required: the bank did not accept the sign-in.",
)
GONE = Outcome(
    "disconnected",
    ("link: Connect the bank again.",),
    "not by clock",
    state_said="Disconnected: the provider no longer knows it.",
)

Row = tuple[str, Outcome]

_SIGN_IN = "The bank asks for a new sign-in: update the credentials."
_TICK = "The bank was not allowed to share this: update the credentials and tick the accounts."
_LATER = "The bank is not available at the moment."
_OUT_OF_ORDER = "The provider is out of order at the moment."
_UNKNOWN = "The connection no longer exists at the provider."
_RETIRED = "The provider no longer supports this bank."
_NO_ACCOUNT = "The bank no longer shows this account."
_TOO_OFTEN = "The bank or the provider was asked too often."
_PAGE_OVER = "The bank's page is no longer valid; start again."
_PLAID_REFUSES = "Plaid does not accept what the proxy asks."

# ``None``: the fetch waits and goes on by itself.
PLAID: dict[str, Row | None] = {
    "ITEM_LOGIN_REQUIRED": (_SIGN_IN, ASKS),
    "ITEM_LOCKED": ("The sign-in is locked: unlock it at the bank, then update the credentials.", REJECTED),
    "ITEM_NOT_FOUND": (_UNKNOWN, GONE),
    "ITEM_NOT_SUPPORTED": ("This kind of sign-in cannot be connected through Plaid.", OTHER_WAY),
    "NO_ACCOUNTS": ("The bank showed no account that can be connected.", OTHER_WAY),
    "PRODUCTS_NOT_SUPPORTED": ("This bank cannot do that through this provider.", OTHER_WAY),
    "MFA_NOT_SUPPORTED": ("The bank's way of confirming is not supported: choose another.", REJECTED),
    "INSUFFICIENT_CREDENTIALS": ("The sign-in at the bank was not completed.", REJECTED),
    "INVALID_CREDENTIALS": ("The bank did not accept the sign-in.", REJECTED),
    "INVALID_MFA": ("The bank did not accept the confirmation code.", REJECTED),
    "USER_SETUP_REQUIRED": (
        "The bank wants something set up: sign in at the bank's own site, then update here.",
        REJECTED,
    ),
    "USER_INPUT_TIMEOUT": ("The bank waited for an answer that did not come in time.", REJECTED),
    "ACCESS_NOT_GRANTED": (_TICK, ASKS),
    "ADDITIONAL_CONSENT_REQUIRED": (_TICK, ASKS),
    "PRODUCT_NOT_READY": None,
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": (
        "The transactions changed while they were being read; they are read again.",
        HEALS,
    ),
    "INSTITUTION_DOWN": (_LATER, HEALS),
    "INSTITUTION_NOT_RESPONDING": (_LATER, HEALS),
    "INSTITUTION_NOT_AVAILABLE": (_LATER, HEALS),
    "INSTITUTION_NO_LONGER_SUPPORTED": (_RETIRED, RETIRED),
    "INSTITUTION_REGISTRATION_REQUIRED": (
        "The proxy's operator must register with this bank at Plaid first.",
        NOT_OURS,
    ),
    "INTERNAL_SERVER_ERROR": (_OUT_OF_ORDER, HEALS),
    "PLANNED_MAINTENANCE": ("Plaid is in planned maintenance.", HEALS),
    "INVALID_ACCESS_TOKEN": (_UNKNOWN, GONE),
    "INVALID_PUBLIC_TOKEN": (_PAGE_OVER, NOTHING_TO_DO),
    "INVALID_LINK_TOKEN": (_PAGE_OVER, NOTHING_TO_DO),
    "INVALID_ACCOUNT_ID": (_NO_ACCOUNT, OTHER_ACCOUNTS),
    "INVALID_INSTITUTION": (_RETIRED, RETIRED),
    "INVALID_API_KEYS": ("Plaid does not accept the proxy's keys.", NOT_OURS),
    "UNAUTHORIZED_ENVIRONMENT": ("The proxy's keys are for another environment of Plaid.", NOT_OURS),
    "INVALID_PRODUCT": ("The proxy's contract with Plaid does not allow this.", NOT_OURS),
    "MISSING_FIELDS": ("Plaid misses something in what the proxy asks.", NOT_OURS),
    "UNKNOWN_FIELDS": ("Plaid does not know something in what the proxy asks.", NOT_OURS),
    "INVALID_FIELD": ("Plaid does not accept something in what the proxy asks.", NOT_OURS),
    "INVALID_BODY": (_PLAID_REFUSES, NOT_OURS),
    "INVALID_HEADERS": (_PLAID_REFUSES, NOT_OURS),
    "NOT_FOUND": ("Plaid does not know the address the proxy asks.", NOT_OURS),
}
# Told by the kind of error, whatever its code.
PLAID_TYPES: dict[str, Row] = {
    "RATE_LIMIT_EXCEEDED": (_TOO_OFTEN, A_MINUTE),
    "RATE_LIMIT": (_TOO_OFTEN, A_MINUTE),
    "API_ERROR": (_OUT_OF_ORDER, HEALS),
    "INVALID_REQUEST": ("The proxy's access to the provider is not in order.", NOT_OURS),
}

_CONFIRM = ("The bank asks for a confirmation each time: fetch by hand.", BY_HAND)
_ENDED = ("The consent given at the bank has ended: update the credentials.", ASKS)
_WITHDRAWN = ("The consent was withdrawn: update the credentials to give it again.", ASKS)
_TOO_MUCH = ("The proxy asked Salt Edge for more than the consent covers.", NOT_OURS)
_BROKE_OFF = ("Reading from the bank broke off.", HEALS)
_ACCESS = ("The proxy's access to the provider is not in order.", NOT_OURS)
_SIGNATURE = ("Salt Edge does not accept the proxy's signature.", NOT_OURS)
_CLOCK = ("Salt Edge finds the time of the proxy's request wrong: check its clock.", NOT_OURS)
_REFUSES = ("Salt Edge does not accept what the proxy asks.", NOT_OURS)
_TWICE = (
    "This sign-in is connected already: use the connection that is there, or update its credentials.",
    TWICE,
)

SALTEDGE: dict[str, Row | None] = {
    "InvalidCredentials": ("The bank did not accept the sign-in.", REJECTED),
    "InvalidInteractiveCredentials": ("The bank did not accept the confirmation code.", REJECTED),
    "InteractiveTimeout": _CONFIRM,
    "InteractiveAdapterTimeout": _CONFIRM,
    "AllAccountsExcluded": ("No account was left to be read: update the credentials and choose.", ASKS),
    "ConnectionDuplicated": _TWICE,
    "DuplicatedConnection": _TWICE,
    "AispConsentExpired": _ENDED,
    "ConsentExpired": _ENDED,
    "AispConsentRevoked": _WITHDRAWN,
    "ConsentRevoked": _WITHDRAWN,
    "AispConsentAlreadyRevoked": _WITHDRAWN,
    "AispConsentNotFound": _ENDED,
    "DateOutOfAispConsentRange": _TOO_MUCH,
    "InvalidAispConsentFromDate": _TOO_MUCH,
    "InvalidAispConsentPeriod": _TOO_MUCH,
    "AispConsentScopesInvalid": _TOO_MUCH,
    "AispConsentScopesNotAllowed": _TOO_MUCH,
    "DateOutOfRange": _TOO_MUCH,
    "FetchScopesInvalid": _TOO_MUCH,
    "FetchScopesNotAllowed": _TOO_MUCH,
    "ConnectionCannotBeRefreshed": ("The bank was read not long ago.", AN_HOUR),
    "BackgroundFetchLimitExceeded": (
        "The bank lets itself be read four times a day while nobody is there.",
        SIX_HOURS,
    ),
    "ConnectionAlreadyProcessing": None,
    "ConnectionFetchingStopped": _BROKE_OFF,
    "ConnectionLost": _BROKE_OFF,
    "ConnectionFailed": _BROKE_OFF,
    "FetchingTimeout": _BROKE_OFF,
    "ExecutionTimeout": _BROKE_OFF,
    "ProviderError": (_LATER, HEALS),
    "ProviderUnavailable": (_LATER, HEALS),
    "InternalServerError": (_OUT_OF_ORDER, HEALS),
    "ProviderInactive": (_RETIRED, RETIRED),
    "ProviderDisabled": (_RETIRED, RETIRED),
    "ProviderNotFound": (_RETIRED, RETIRED),
    "ConnectionDisabled": ("The provider gave this connection up: connect the bank again.", GONE),
    "ConnectionNotFound": (_UNKNOWN, GONE),
    "CustomerNotFound": (_UNKNOWN, GONE),
    "AccountNotFound": (_NO_ACCOUNT, OTHER_ACCOUNTS),
    "TransactionNotFound": ("The provider no longer has this transaction.", OTHER_ACCOUNTS),
    "TooManyRequests": (_TOO_OFTEN, A_MINUTE),
    "RateLimitExceeded": (_TOO_OFTEN, A_MINUTE),
    "ConnectionLimitReached": ("The proxy's contract with Salt Edge allows no more connections.", NOT_OURS),
    "ApiKeyNotFound": ("Salt Edge does not accept the proxy's keys.", NOT_OURS),
    "AppIdNotProvided": _ACCESS,
    "SecretNotProvided": _ACCESS,
    "ClientNotFound": _ACCESS,
    "ClientDisabled": _ACCESS,
    "ClientRestricted": _ACCESS,
    "ClientPending": _ACCESS,
    "ActionNotAllowed": _ACCESS,
    "ProviderAccessNotGranted": _ACCESS,
    "CustomerLocked": _ACCESS,
    "SignatureNotMatch": _SIGNATURE,
    "MissingSignature": _SIGNATURE,
    "MissingExpiresAt": _SIGNATURE,
    "PublicKeyNotProvided": _SIGNATURE,
    "ExpiresAtInvalid": _CLOCK,
    "RequestExpired": _CLOCK,
    "DuplicatedCustomer": _REFUSES,
    "IdentifierInvalid": _REFUSES,
    "CustomFieldsSizeTooBig": _REFUSES,
    "CustomFieldsFormatInvalid": _REFUSES,
    "ReturnURLInvalid": _REFUSES,
    "ReturnURLTooLong": _REFUSES,
    "WrongRequestFormat": _REFUSES,
    "JsonParseError": _REFUSES,
    "DateFormatInvalid": _REFUSES,
    "ValueOutOfRange": _REFUSES,
    "BatchSizeLimitExceeded": _REFUSES,
    "RouteNotFound": _REFUSES,
    "ProviderNotInteractive": _REFUSES,
    "WrongProviderMode": _REFUSES,
}

_PONTO_REFUSES = "Ponto does not accept something in what the proxy asks."
_PONTO_ACCESS = "Ponto does not accept the proxy's credentials."
PONTO: dict[str, Row | None] = {
    "accountRecentlySynchronized": ("The bank was read a moment ago.", A_MINUTE),
    "authorizationInvalid": ("The bank asks for a new permission: update the credentials.", ASKS),
    "resourceNotFound": ("Ponto no longer shows this account.", OTHER_ACCOUNTS),
}
# Told by the HTTP status, where the code is not known.
PONTO_STATUSES: dict[int, Row] = {
    400: (_PONTO_REFUSES, NOT_OURS),
    403: (
        "Ponto does not allow this now: the sign-up at Ponto may not be complete, or the organization is blocked.",
        NOT_OURS,
    ),
    404: ("Ponto no longer shows this account.", OTHER_ACCOUNTS),
    429: (_TOO_OFTEN, A_MINUTE),
}
# Told by the OAuth server, when the token of a connection is renewed.
PONTO_OAUTH: dict[str, Row] = {
    "invalid_grant": ("The permission at Ponto has ended: update the credentials to give it again.", ASKS),
    "invalid_client": (_PONTO_ACCESS, NOT_OURS),
    "unauthorized_client": (_PONTO_ACCESS, NOT_OURS),
    "invalid_request": (_PONTO_REFUSES, NOT_OURS),
    "invalid_scope": ("Ponto does not let the proxy read accounts.", NOT_OURS),
    "unsupported_grant_type": (_PONTO_REFUSES, NOT_OURS),
    "unsupported_response_type": (_PONTO_REFUSES, NOT_OURS),
    "server_error": (_OUT_OF_ORDER, HEALS),
    "temporarily_unavailable": (_OUT_OF_ORDER, HEALS),
}

# The same with every provider, which is named: an error that nobody knows is retried and shown as it came; no answer,
# and answers that are none.
EVERYWHERE: dict[str, Row] = {
    "unknown": ("The provider answered with an error.", HEALS),
    "html": ("{provider} is out of order at the moment (HTTP 502).", HEALS),
    "status_500": (_OUT_OF_ORDER, HEALS),
    "broken_json": ("{provider} sent an answer that is not readable as JSON (DecodeError).", HEALS),
    "drop": ("{provider} cannot be reached at the moment.", HEALS),
    "rate_limit": (_TOO_OFTEN, A_MINUTE),
}
