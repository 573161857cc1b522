"""Ponto's wire: tokens for whoever asks, JSON:API with them, pages followed exactly where they lead."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from providers.decoding import decode, not_understood
from providers.errors import ProviderMisconfigured, SecretExpired, Unreachable
from providers.http import Answer, ProviderHttp
from providers.ponto import errors, oauth, parse, signature

log = logging.getLogger(__name__)
T = TypeVar("T")

TITLE = parse.TITLE
FORM = "application/x-www-form-urlencoded"
LARGEST_PAGE = 100


@dataclass
class PontoApi:
    """One application at Ponto. Its own token is kept for as long as it is good."""

    http: ProviderHttp
    client_id: str
    client_secret: str = field(repr=False)
    _own: oauth.Secret | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        """``certificate`` and ``certificate_key`` are files, for Ponto asks for them; ``signature_key`` and
        ``signature_key_id`` where it asks for signatures too. Raises ``signature.InvalidKey``.
        """
        key_file, url = config.get("signature_key", ""), config["url"]
        host = config.get("signature_host") or urlsplit(url).netloc
        certificate = config.get("certificate", "")
        http = ProviderHttp(
            url,
            title=TITLE,
            headers={},
            sign=signature.signer(config.get("signature_key_id", ""), key_file, host=host) if key_file else None,
            certificate=(certificate, config.get("certificate_key", "")) if certificate else None,
        )
        return cls(http, config["client_id"], config["client_secret"])

    # --- tokens --------------------------------------------------------------------------------------------------
    def as_application(self, question: Callable[[str], T]) -> T:
        """Asks with the application's own token, for what concerns no account holder or all of them.

        A token that is refused is had anew, once. Raises ``ProviderMisconfigured`` when that one is refused too.
        """
        try:
            return question(self._own_token())
        except SecretExpired:
            with self._lock:
                self._own = None
        try:
            return question(self._own_token())
        except SecretExpired as error:
            raise ProviderMisconfigured("Ponto refuses the proxy's own token.", provider=error.provider) from None

    def _own_token(self) -> str:
        now = dt.datetime.now(dt.UTC)
        with self._lock:
            known = self._own
        if known is None or known.has_ended(now):
            tokens = self.tokens({"grant_type": "client_credentials"})
            known = oauth.Secret(tokens.access_token, tokens.expires_at(now), institution="")
            with self._lock:
                self._own = known
        return known.access_token

    def tokens(self, form: dict[str, str]) -> oauth.Tokens:
        """What the token endpoint gives for a grant. Raises ``ConsentExpired`` for one that is spent or withdrawn."""
        answer = self._form("/oauth2/token", form)
        if answer.status != 200:
            raise errors.from_oauth_answer(answer)
        return decode(answer.body, oauth.Tokens, sender=TITLE)

    def renewed_tokens(self, refresh_token: str, *, redirect_uri: str) -> oauth.Tokens:
        """Other tokens for a refresh token, which is spent with it.

        When the answer is lost nobody knows whether it is spent: it is shown once more at once, since a server may
        take it again for a moment.
        """
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "redirect_uri": redirect_uri,
            "client_id": self.client_id,
        }
        try:
            return self.tokens(form)
        except Unreachable as error:
            log.warning("a renewal was not answered, it is asked again: %s", error)
            return self.tokens(form)

    def revoke_token(self, refresh_token: str) -> None:
        """Makes a refresh token useless; one that is so already is no error."""
        answer = self._form("/oauth2/revoke", {"token": refresh_token})
        if answer.status not in (200, 204):
            raise errors.from_oauth_answer(answer)

    # --- resources -----------------------------------------------------------------------------------------------
    def get(self, path: str, kind: type[T], *, token: str) -> T:
        """A resource or a page as a ``kind``. ``token`` is ``""`` for what is public."""
        answer = self.http.send("GET", path, is_read=True, headers=_bearer(token))
        return decode(self._good(answer).body, kind, sender=TITLE)

    def create(self, path: str, body: dict[str, Any], *, kind: type[T], token: str) -> T:
        """Makes a resource. Raises what Ponto says."""
        headers = {**_bearer(token), "ibanity-idempotency-key": str(uuid.uuid4())}
        answer = self.http.send("POST", path, body=msgspec.json.encode(body), is_read=False, headers=headers)
        return decode(self._good(answer).body, kind, sender=TITLE)

    def delete(self, path: str, *, token: str) -> None:
        """Removes a resource. Raises what Ponto says."""
        self._good(self.http.send("DELETE", path, is_read=False, headers=_bearer(token)))

    def pages(self, path: str, *, token: str) -> Iterator[parse.Page]:
        """All pages of a list, from ``path`` on."""
        seen: set[str] = set()
        while path:
            seen.add(path)
            page = self.get(path, parse.Page, token=token)
            yield page
            path = self.path_of(page.next)
            if path in seen:
                raise not_understood(TITLE, at="$.links.next", why="the pages go round in a circle")

    def path_of(self, link: str) -> str:
        """A link to a next page as a path of this API, exactly as it came; ``""`` for none.

        Only its brackets are written as they go over the wire, or a signature would be about another address.
        Raises ``InvalidResponse`` for one that leads elsewhere: a token must not follow it.
        """
        base, link = self.http.base_url, encoded(link)
        if not link:
            return ""
        if link.startswith((f"{base}/", f"{base}?")):
            return link[len(base) :]
        prefix = urlsplit(base).path
        if prefix and link.startswith(f"{prefix}/"):
            return link[len(prefix) :]
        if link.startswith("/") and not link.startswith("//"):
            return link
        raise not_understood(TITLE, at="$.links.next", why="it leads to another place")

    def _form(self, path: str, form: dict[str, str]) -> Answer:
        headers = {"Content-Type": FORM, "Authorization": oauth.basic(self.client_id, self.client_secret)}
        return self.http.send("POST", path, body=urlencode(form).encode(), is_read=False, headers=headers)

    def _good(self, answer: Answer) -> Answer:
        if answer.status in (200, 201, 202, 204):
            return answer
        error = errors.from_answer(answer)
        log.warning("Ponto's request %s: %s", answer.headers.get(errors.REQUEST_ID_HEADER, "without id"), error.code)
        raise error


def encoded(address: str) -> str:
    """An address with its brackets as the wire has them."""
    return address.replace("[", "%5B").replace("]", "%5D")


def _bearer(token: str) -> dict[str, str]:
    kind = {"Content-Type": "application/vnd.api+json", "Accept": "application/vnd.api+json, application/json"}
    return {**kind, "Authorization": f"Bearer {token}"} if token else kind
