"""Every way an exchange can fail, named for what the caller does next.

One small family: a ``code`` that is looked up, one sentence for people, the next step (``action``), and what the
provider said. An adapter maps its provider's words to these in its own ``ERRORS`` table; the proxy sends them in the
error envelope; the client raises them again in the app.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from providers.types import Action, ErrorData, ProviderErrorData


class FeedError(Exception):
    """Something did not work. ``message`` is one sentence that may be shown to anyone."""

    code = "unknown"
    message = "The bank feed could not do this."
    action: Action = "retry"
    http_status = 502

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        action: Action | None = None,
        provider: ProviderErrorData | None = None,
        retry_at: dt.datetime | None = None,
        reference: str = "",
    ) -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.action = action or type(self).action
        self.provider = provider
        self.retry_at = retry_at
        self.reference = reference
        super().__init__(self.message)

    def data(self, *, reference: str = "") -> ErrorData:
        """This error as it goes over the wire."""
        return ErrorData(
            code=self.code,
            message=self.message,
            action=self.action,
            retry_at=self.retry_at,
            provider=self.provider,
            reference=reference or self.reference,
        )


# --- heals by itself -------------------------------------------------------------------------------------------------
class Unreachable(FeedError):
    """No answer from the other side: refused, timed out, cut off."""

    code = "unreachable"
    message = "The provider cannot be reached at the moment."
    action: Action = "retry"
    http_status = 502


class ProxyUnreachable(Unreachable):
    """Raised by the app's own client: the proxy itself does not answer."""

    code = "proxy_unreachable"
    message = "The banksync proxy cannot be reached at the moment."


class ProviderDown(FeedError):
    """The provider answers that it is out of order, for everyone."""

    code = "provider_down"
    message = "The provider is out of order at the moment."


class InstitutionDown(FeedError):
    """The bank does not answer the provider."""

    code = "institution_down"
    message = "The bank is not available at the moment."


class RateLimited(FeedError):
    """Too many calls; come back at ``retry_at``."""

    code = "rate_limited"
    message = "The bank or the provider was asked too often."
    action: Action = "wait"
    http_status = 429


class NotReady(FeedError):
    """The provider is still collecting the data."""

    code = "not_ready"
    message = "The provider is still reading from the bank."
    action: Action = "wait"
    http_status = 409


class PagesChanged(FeedError):
    """The data changed while it was being paged: start again from the first position."""

    code = "pages_changed"
    message = "The transactions changed while they were being read; they are read again."
    action: Action = "retry"
    http_status = 409


class PositionLost(FeedError):
    """The position is not one of this account, or what it was sealed with is gone: start with an empty one."""

    code = "position_lost"
    message = "Where the last fetch ended is no longer known; the account is read from its beginning."
    action: Action = "retry"
    http_status = 409


class InvalidResponse(FeedError):
    """The other side sent what cannot be understood. The message names the place, never the content."""

    code = "invalid_response"
    message = "The provider sent an answer that cannot be understood."


class UnknownProviderError(FeedError):
    """An error the adapter has no row for. It is retried and shown as it came: what was said stands in its message."""

    code = "unknown_provider_error"
    message = "The provider answered with an error."

    def __init__(self, message: str = "", **rest: Any) -> None:
        provider: ProviderErrorData | None = rest.get("provider")
        ours = message or type(self).message
        super().__init__(quoting(ours, provider.message if provider else ""), **rest)


# --- needs the account holder ----------------------------------------------------------------------------------------
class ConsentExpired(FeedError):
    """The permission or the sign-in at the bank has ended."""

    code = "consent_expired"
    message = "The bank asks for a new sign-in."
    action: Action = "update_credentials"
    http_status = 409


class SecretExpired(FeedError):
    """The provider no longer takes the token of a connection; with a renewed one it may."""

    code = "secret_expired"
    message = "The provider no longer accepts the permission it gave: update the credentials."
    action: Action = "update_credentials"
    http_status = 409


class CredentialsRejected(FeedError):
    """The bank refused what the holder typed, or locked the sign-in."""

    code = "credentials_rejected"
    message = "The bank did not accept the sign-in."
    action: Action = "update_credentials"
    http_status = 409


class UserMustBePresent(FeedError):
    """The bank wants a confirmation at each reading."""

    code = "user_present"
    message = "The bank asks for a confirmation each time: fetch by hand."
    action: Action = "user_present"
    http_status = 409


class ConnectionGone(FeedError):
    """The provider no longer knows this connection."""

    code = "connection_gone"
    message = "The connection no longer exists at the provider."
    action: Action = "reconnect"
    http_status = 410


class AlreadyConnected(FeedError):
    """The holder's sign-in at this bank is connected already; the provider takes it once."""

    code = "already_connected"
    message = "This sign-in is connected already: use the connection that is there, or update its credentials."
    action: Action = "none"
    http_status = 409


class LinkExpired(FeedError):
    """The bank's page was left open too long, or was used already."""

    code = "link_expired"
    message = "The bank's page is no longer valid; start again."
    action: Action = "none"
    http_status = 410


class NotSupported(FeedError):
    """The institution or the provider cannot do this at all."""

    code = "not_supported"
    message = "This bank cannot do that through this provider."
    action: Action = "none"
    http_status = 409


class InstitutionRetired(FeedError):
    """The provider gave this bank up."""

    code = "institution_retired"
    message = "The provider no longer supports this bank."
    action: Action = "disable_auto_sync"
    http_status = 410


# --- needs an administrator or the operator --------------------------------------------------------------------------
class ProviderMisconfigured(FeedError):
    """The proxy's own contract with the provider is refused: wrong keys, product not enabled."""

    code = "provider_misconfigured"
    message = "The proxy's access to the provider is not in order."
    action: Action = "contact_support"


class SignatureInvalid(FeedError):
    """The request was not signed by the client it names."""

    code = "signature_invalid"
    message = "The request's signature is not valid."
    action: Action = "contact_support"
    http_status = 401


class ClockSkew(FeedError):
    """The request's time is too far from the proxy's."""

    code = "clock_skew"
    message = "The clock of this server is off."
    action: Action = "contact_support"
    http_status = 401


class Replayed(FeedError):
    """The same signed request was sent before."""

    code = "replayed"
    message = "The request was sent before."
    action: Action = "retry"
    http_status = 401


class ClientRefused(FeedError):
    """Everything this client asks is refused, whatever connection it is about, until it stands better."""

    code = "client_refused"
    message = "The proxy refuses this installation."
    action: Action = "contact_support"
    http_status = 403


class PhoneUnconfirmed(ClientRefused):
    """The code that was sent to the client's phone has not been entered yet."""

    code = "phone_unconfirmed"
    message = "The phone number is not confirmed yet: enter the code that was sent there."
    action: Action = "reactivate"
    http_status = 403


class ClientBlocked(ClientRefused):
    """The proxy blocked this client."""

    code = "client_blocked"
    message = "This installation is blocked because of suspicious activity."
    action: Action = "reactivate"
    http_status = 403


class ClientDisconnected(ClientRefused):
    """An operator cut this client off, or does not know it."""

    code = "client_disconnected"
    message = "The proxy does not know this installation any more."
    action: Action = "reconnect"
    http_status = 403


class SubscriptionRefused(ClientRefused):
    """No subscription, an ended one, or a trial."""

    code = "subscription_refused"
    message = "Online bank synchronization needs a valid subscription."
    action: Action = "renew_subscription"
    http_status = 402


class NotFound(FeedError):
    """No such thing, or not the caller's."""

    code = "not_found"
    message = "The proxy does not know this."
    action: Action = "none"
    http_status = 404


class BadRequest(FeedError):
    """The caller's request does not fit the contract."""

    code = "bad_request"
    message = "The request was not understood."
    action: Action = "none"
    http_status = 422


class CodeWrong(BadRequest):
    """The code is not the one that was sent; it may be tried again."""

    code = "code_wrong"
    message = "The code is not right."


class CodeSpent(BadRequest):
    """The code was used, is too old, or was tried too often."""

    code = "code_spent"
    message = "There is no code to confirm any more: have a new one sent."


class MessageNotSent(FeedError):
    """The code did not leave: the message gateway refused it or did not answer."""

    code = "message_not_sent"
    message = "The text message could not be sent: try again in a moment."
    action: Action = "retry"
    http_status = 502


class WebhookRefused(FeedError):
    """A message said to be a provider's could not be verified; nothing was taken from it."""

    code = "webhook_refused"
    message = "The message is not proven to come from the provider."
    action: Action = "none"
    http_status = 400


def _family(root: type[FeedError]) -> dict[str, type[FeedError]]:
    found = {root.code: root}
    for child in root.__subclasses__():
        found.update(_family(child))
    return found


BY_CODE: dict[str, type[FeedError]] = _family(FeedError)


def quoting(ours: str, theirs: str) -> str:
    """Our sentence, and behind it in quotation marks what the bank or the provider said, unless it is in there."""
    return f"{ours} “{theirs}”" if theirs and theirs not in ours else ours


def from_data(data: ErrorData) -> FeedError:
    """The error the proxy named, as an exception again. An unknown code keeps its words and its action."""
    kind = BY_CODE.get(data.code, FeedError)
    return kind(
        data.message,
        code=data.code,
        action=data.action,
        provider=data.provider,
        retry_at=data.retry_at,
        reference=data.reference,
    )
