"""The proxy's only door out: one provider's HTTP, with timeouts, a size limit, and reads that are tried again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests

from providers import figures
from providers.errors import FeedError, InvalidResponse, ProviderDown, RateLimited, Unreachable

log = logging.getLogger(__name__)

# Seconds before the second and third attempt of a read.
READ_PAUSES = (0.2, 0.8)
# A page of 500 transactions is below one megabyte; what is far beyond is a fault, not data.
LARGEST_ANSWER = 32 * 1024 * 1024
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What the provider said: a status and a body that starts like JSON. Whether it is good, the adapter says.

    ``headers`` are found whatever their case.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class ProviderHttp:
    """One provider's address, and what goes with every request there.

    ``headers`` may carry the proxy's own credentials: they are never logged and never part of an error. ``sign`` gives
    more headers for each single request: it is handed the method, the address and the bytes exactly as they are sent,
    again for each attempt. ``certificate`` is the pair of files, certificate and private key, that this side proves
    itself with. ``timeout`` is (connect, read) in seconds. Without ``is_json_only`` a success may say anything.
    """

    def __init__(
        self,
        base_url: str,
        *,
        title: str,
        headers: Mapping[str, str],
        timeout: tuple[float, float] = (5, 60),
        largest_answer: int = LARGEST_ANSWER,
        sign: Callable[[str, str, bytes], Mapping[str, str]] | None = None,
        certificate: tuple[str, str] | None = None,
        is_json_only: bool = True,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.title = title
        self._headers = dict(headers)
        self._timeout = timeout
        self._largest_answer = largest_answer
        self._sign = sign
        self._is_json_only = is_json_only
        self._session = requests.Session()
        self._session.cert = certificate

    def post(self, path: str, body: bytes, *, is_read: bool) -> Answer:
        """Sends JSON by POST, see ``send``."""
        return self.send("POST", path, body=body, is_read=is_read)

    def send(
        self, method: str, path: str, *, body: bytes = b"", is_read: bool, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request; gives back JSON with any status below 500, and those above that come with the provider's words.

        ``path`` may carry a query, encoded already; ``body`` is JSON, ``b""`` for none; ``headers`` go with this
        request alone. ``is_read`` says that asking twice changes nothing, so that a broken connection may be tried
        again. Raises ``Unreachable``, ``ProviderDown``, ``RateLimited``, or ``InvalidResponse`` for what is not JSON.
        """
        shown = path.partition("?")[0]
        if is_read:
            for pause in READ_PAUSES:
                try:
                    return self._once(method, path, body=body, headers=headers or {})
                except (_CutOff, ProviderDown) as error:
                    log.info("%s %s: asking again in %s s: %s", self.title, shown, pause, error)
                    time.sleep(pause)
        return self._once(method, path, body=body, headers=headers or {})

    def _once(self, method: str, path: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
        request = self._prepared(method, path, body=body, headers=headers)
        # What the machine says about proxies and certificates, as a session's own requests heed it.
        options = self._session.merge_environment_settings(request.url or "", {}, True, None, None)
        started = time.monotonic()
        try:
            with self._session.send(request, timeout=self._timeout, allow_redirects=False, **options) as response:
                content = self._content(response)
        except requests.RequestException as error:
            seconds = time.monotonic() - started
            is_timeout = isinstance(error, requests.exceptions.ReadTimeout)
            figures.note_silence(self.title, seconds=seconds, is_timeout=is_timeout)
            # Without the cause: a requests error holds the request, and with it the credentials.
            raise self._unreachable(error) from None
        shown, seconds = path.partition("?")[0], time.monotonic() - started
        log.info("%s %s answered %s in %.3f s", self.title, shown, response.status_code, seconds)
        figures.note_answer(self.title, response.status_code, seconds=seconds)
        is_json = content.lstrip()[:1] in (b"{", b"[") or (response.status_code == 204 and not content)
        if not is_json and (self._is_json_only or response.status_code >= 400):
            raise self._not_json(response)
        return Answer(status=response.status_code, body=content, headers=response.headers)

    def _prepared(self, method: str, path: str, *, body: bytes, headers: Mapping[str, str]) -> requests.PreparedRequest:
        kinds = {"Content-Type": "application/json", "Accept": "application/json"}
        all_headers = {**self._headers, **kinds, **headers}
        plain = requests.Request(method, self.base_url + path, data=body or None, headers=all_headers)
        request = self._session.prepare_request(plain)
        if self._sign is not None:
            request.headers.update(self._sign(method, request.url or "", body))
        return request

    def _content(self, response: requests.Response) -> bytes:
        chunks = bytearray()
        for chunk in response.iter_content(_CHUNK):
            chunks += chunk
            if len(chunks) > self._largest_answer:
                limit = self._largest_answer // (1024 * 1024)
                raise InvalidResponse(f"{self.title} sent an answer of more than {limit} MiB.")
        return bytes(chunks)

    def _unreachable(self, error: requests.RequestException) -> Unreachable:
        log.warning("%s cannot be reached: %s", self.title, type(error).__name__)
        if isinstance(error, requests.exceptions.ReadTimeout):
            return Unreachable(f"{self.title} did not answer within {self._timeout[1]} seconds.")
        if isinstance(error, requests.exceptions.ChunkedEncodingError):
            return _CutOff(f"{self.title} broke off in the middle of its answer.")
        return _CutOff(f"{self.title} cannot be reached at the moment.")

    def _not_json(self, response: requests.Response) -> FeedError:
        kind = response.headers.get("Content-Type", "nothing").split(";")[0]
        log.warning("%s answered %s with %s instead of JSON", self.title, response.status_code, kind)
        if response.status_code >= 500:
            return ProviderDown(f"{self.title} is out of order at the moment (HTTP {response.status_code}).")
        if response.status_code == 429:
            return RateLimited(f"{self.title} was asked too often.")
        return InvalidResponse(f"{self.title} answered HTTP {response.status_code} with {kind} instead of JSON.")


class _CutOff(Unreachable):
    """Refused, or cut before the answer was complete: a read may be tried again at once."""
