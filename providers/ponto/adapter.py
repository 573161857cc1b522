"""Ponto's routes: a permission of an organization, the accounts of one of its banks, transactions newest first.

One permission may hold accounts of several banks: a connection shows those of its own and leaves the others alone.
https://documentation.ibanity.com/ponto-connect/api
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from typing import Self

import msgspec

from providers.base import Adapter, Health, HostedPage, HostedRequest, Outcome, ProviderEvent
from providers.decoding import decode
from providers.errors import (
    ConsentExpired,
    FeedError,
    LinkExpired,
    NotFound,
    NotReady,
    NotSupported,
    PagesChanged,
    SecretExpired,
)
from providers.http import ProviderHttp
from providers.ponto import errors, link, oauth, parse, reading
from providers.ponto.api import LARGEST_PAGE, PontoApi
from providers.ponto.institutions import Institutions
from providers.ponto.webhooks import PontoWebhooks
from providers.types import (
    AccountData,
    EndUser,
    InstitutionData,
    RefreshData,
    TransactionData,
    TransactionPage,
)

log = logging.getLogger(__name__)

# The flavour for one organization's own use: its accounts are open to the proxy's credentials, without a page.
CUSTOM = "custom"


class PontoAdapter(Adapter):
    """Ponto Connect, or an organization's own integration. The secret of a connection is an ``oauth.Secret``."""

    name = parse.PROVIDER
    title = parse.TITLE

    def __init__(self, api: PontoApi, *, page: str, is_custom: bool, webhooks: PontoWebhooks, callback: str) -> None:
        self._api = api
        self._page = page
        self._is_custom = is_custom
        self._webhooks = webhooks
        self._callback = callback
        self._institutions = Institutions(api)

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        """``config`` has ``url``, ``client_id``, ``client_secret``, and for several organizations the address of
        Ponto's ``page`` and the ``callback`` registered there; ``integration`` says ``custom`` for one alone. The
        files of a certificate and of a signature key as ``PontoApi`` has them. ``keys_url``, ``issuer`` and
        ``application_id`` are what its messages are held against.
        """
        keys = ProviderHttp(config["keys_url"], title=cls.title, headers={})
        return cls(
            PontoApi.from_config(config),
            page=config.get("page", ""),
            is_custom=config.get("integration") == CUSTOM,
            webhooks=PontoWebhooks(keys, config["issuer"], config["application_id"]),
            callback=config.get("callback", ""),
        )

    # --- institutions --------------------------------------------------------------------------------------------
    def institutions(self) -> Iterator[tuple[InstitutionData, ...]]:
        for page in self._api.pages(f"/financial-institutions?page%5Blimit%5D={LARGEST_PAGE}", token=""):
            yield parse.institutions(page.data, now=dt.datetime.now(dt.UTC))

    # --- the page ------------------------------------------------------------------------------------------------
    def begin(self, request: HostedRequest) -> HostedPage:
        expires_at = dt.datetime.now(dt.UTC) + link.PAGE_LIFE
        if self._is_custom:
            # Nothing is left to approve: the browser goes straight back.
            state = link.State("none", request.institution, expires_at)
            return HostedPage(url=request.return_url, expires_at=expires_at, state=state.dump())
        body = link.onboarding_body(request)
        details = self._api.as_application(
            lambda token: self._api.create("/onboarding-details", body, kind=link.Created, token=token)
        )
        verifier = oauth.new_verifier()
        url = link.authorization_url(
            self._page,
            request,
            client_id=self._api.client_id,
            onboarding=details.data.id,
            verifier=verifier,
        )
        state = link.State(
            "authorization",
            request.institution,
            expires_at,
            verifier=verifier,
            redirect_uri=request.callback_url,
        )
        return HostedPage(url=url, expires_at=expires_at, state=state.dump())

    def update(self, secret: str, request: HostedRequest) -> HostedPage:
        """Where one account's permission at its bank has ended, that one is renewed; else accounts are chosen anew."""
        kept = oauth.Secret.load(secret)
        try:
            broken = next((each for each in self._own(kept) if reading.failure(each) is not None), None)
        except (SecretExpired, ConsentExpired) as error:
            log.info("the permission itself has ended: %s", error)
            broken = None
        if broken is None:
            return self.begin(request)
        body = link.reauthorization_body(request)
        path = f"/accounts/{broken.id}/reauthorization-requests"
        opened = self._api.create(path, body, kind=link.CreatedReauthorization, token=kept.access_token)
        expires_at = dt.datetime.now(dt.UTC) + link.REAUTHORIZATION_LIFE
        state = link.State(
            "reauthorization",
            kept.institution,
            expires_at,
            account=broken.id,
            access_token=kept.access_token,
            authorized_at=broken.attributes.authorized_at,
        )
        return HostedPage(url=opened.data.links.redirect, expires_at=expires_at, state=state.dump())

    def finish(self, state: str, *, answer: Mapping[str, str]) -> Outcome:
        opened = link.State.load(state)
        if opened.kind == "none":
            return self._taken(opened, self._api.tokens({"grant_type": "client_credentials"}))
        if not answer:
            is_over = opened.expires_at < dt.datetime.now(dt.UTC)
            return Outcome("failed", error=LinkExpired()) if is_over else Outcome("waiting")
        if link.has_left(answer):
            return Outcome("cancelled")
        if answer.get("error"):
            error = errors.from_return(answer["error"], answer.get("error_description", ""))
            return Outcome("failed", error=error)
        if opened.kind == "reauthorization":
            return self._reauthorized(opened)
        return self._exchanged(opened, answer.get("code", ""))

    def _exchanged(self, opened: link.State, code: str) -> Outcome:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": opened.redirect_uri,
            "client_id": self._api.client_id,
            "code_verifier": opened.verifier,
        }
        try:
            return self._taken(opened, self._api.tokens(form))
        except ConsentExpired:
            # The code was used before, or is too old, or somebody made it up.
            return Outcome("failed", error=LinkExpired())

    def _taken(self, opened: link.State, tokens: oauth.Tokens) -> Outcome:
        """A new permission -> the connection to the bank that it was asked for, or to the one that was chosen."""
        organization, banks = self._whose(tokens.access_token)
        chosen = opened.institution
        if banks is not None and chosen not in banks and len(banks) == 1:
            (chosen,) = banks
        if banks is not None and chosen not in banks:
            if tokens.refresh_token:
                self._api.revoke_token(tokens.refresh_token)
            return Outcome("failed", error=NotSupported("No account of this bank was chosen at Ponto."))
        kept = oauth.Secret(
            access_token=tokens.access_token,
            expires_at=tokens.expires_at(dt.datetime.now(dt.UTC)),
            institution=chosen,
            organization=organization,
            refresh_token=tokens.refresh_token or "",
        )
        return Outcome("connected", secret=kept.dump(), provider_reference=organization, institution=chosen)

    def _whose(self, token: str) -> tuple[str, frozenset[str] | None]:
        """The organization behind a permission, and the banks whose accounts it holds; ``None`` for not known.

        What cannot be learned now is not worth the permission, which cannot be had a second time: then it is for the
        bank that was asked for, and nothing is told by webhooks.
        """
        try:
            organization = "" if self._is_custom else self._api.get("/userinfo", oauth.UserInfo, token=token).sub
            return organization, frozenset(each.institution for each in self._all(token) if each.institution)
        except FeedError as error:
            log.warning("a new permission could not be looked at: %s", error)
            return "", None

    def _reauthorized(self, opened: link.State) -> Outcome:
        """The browser is back from the bank: whether the holder approved there is seen by the account."""
        try:
            account = self._account(opened.account, token=opened.access_token)
        except SecretExpired:
            # It took longer than the token lasts. Whether it worked is told by the next reading.
            return Outcome("connected")
        is_renewed = account.attributes.authorized_at != opened.authorized_at or reading.failure(account) is None
        return Outcome("connected") if is_renewed else Outcome("cancelled")

    # --- the permission ------------------------------------------------------------------------------------------
    def needs_renewal(self, secret: str) -> bool:
        return oauth.Secret.load(secret).has_ended(dt.datetime.now(dt.UTC))

    def renew(self, secret: str) -> str:
        kept = oauth.Secret.load(secret)
        if kept.refresh_token:
            tokens = self._api.renewed_tokens(kept.refresh_token, redirect_uri=self._callback)
        else:
            tokens = self._api.tokens({"grant_type": "client_credentials"})
        return kept.renewed(tokens, now=dt.datetime.now(dt.UTC)).dump()

    def revoke(self, secret: str) -> None:
        """Gives back the accounts of this bank; the last bank's take the whole integration along."""
        kept = oauth.Secret.load(secret)
        if self._is_custom:
            log.info("the accounts stay shared: that is the organization's own setting at Ponto")
            return
        try:
            seen = self._all(kept.access_token)
            for each in seen:
                if each.institution == kept.institution:
                    self._give_back(f"/accounts/{each.id}", token=kept.access_token)
            is_last = all(each.institution == kept.institution for each in seen)
        except (SecretExpired, ConsentExpired) as error:
            log.info("the permission had ended already: %s", error)
            return
        if is_last and kept.organization:
            integration = f"/organizations/{kept.organization}/integration"
            self._api.as_application(lambda token: self._give_back(integration, token=token))
        if kept.refresh_token:
            self._api.revoke_token(kept.refresh_token)

    def _give_back(self, path: str, *, token: str) -> None:
        try:
            self._api.delete(path, token=token)
        except NotFound:
            log.info("it was given back already")

    # --- a connection --------------------------------------------------------------------------------------------
    def accounts(self, secret: str) -> tuple[AccountData, ...]:
        return tuple(parse.account_data(each) for each in self._own(oauth.Secret.load(secret)))

    def refresh(self, secret: str, *, user: EndUser | None) -> RefreshData:
        """Ponto reads banks by itself four times a day; at once only for a person, whose address it wants."""
        kept = oauth.Secret.load(secret)
        own = self._own(kept)
        if not own:
            raise ConsentExpired("Ponto shows no account of this bank any more: update the credentials.")
        return reading.refresh(self._api, own, token=kept.access_token, user=user)

    def transactions(
        self, secret: str, account: str, *, position: str, first_day: dt.date | None, limit: int
    ) -> TransactionPage:
        kept = oauth.Secret.load(secret)
        place = reading.Position.load(position).starting(first_day)
        path = place.next or f"/accounts/{account}/transactions?page%5Blimit%5D={min(limit, LARGEST_PAGE)}"
        try:
            page = self._api.get(path, parse.Page, token=kept.access_token)
        except NotFound:
            if not place.next:
                raise
            # The transaction that the page began behind is there no more.
            raise PagesChanged() from None
        zone = self._institutions.zone(kept.institution, token=kept.access_token)
        rows = parse.transactions(page.data, zone=zone, is_pending=False)
        place = place.after(rows, next_path=self._api.path_of(page.next), today=dt.datetime.now(zone).date())
        if place.next:
            return TransactionPage(transactions=rows, position=place.dump(), has_more=True)
        told = self._account(account, token=kept.access_token)
        if not rows and told.synchronized_at is None and told.latest.is_unfinished:
            raise NotReady(retry_at=dt.datetime.now(dt.UTC) + errors.READY_PAUSE)
        changed = self._changed_by(told.latest, before=place.synced, zone=zone, token=kept.access_token)
        place = msgspec.structs.replace(place, synced=told.latest.id or place.synced)
        return TransactionPage(
            transactions=(*rows, *changed), position=place.dump(), has_more=False, balance=parse.balance_of(told)
        )

    def _changed_by(
        self, latest: parse.Synchronization, *, before: str, zone: dt.tzinfo, token: str
    ) -> tuple[TransactionData, ...]:
        """What the latest synchronization changed, however old it is; the days read again reach only so far back.

        Nothing at a first reading, which told of everything. https://documentation.ibanity.com/ponto-connect/2/api
        """
        if not latest.id or not before or latest.id == before or latest.is_unfinished:
            return ()
        found: list[TransactionData] = []
        try:
            for page in self._api.pages(f"/synchronizations/{latest.id}/updated-transactions", token=token):
                found += parse.transactions(page.data, zone=zone, is_pending=False)
        except NotFound:
            log.info("the latest synchronization is no longer told of")
        return tuple(found)

    def pending(self, secret: str, account: str) -> tuple[TransactionData, ...]:
        kept = oauth.Secret.load(secret)
        zone = self._institutions.zone(kept.institution, token=kept.access_token)
        path = f"/accounts/{account}/pending-transactions?page%5Blimit%5D={LARGEST_PAGE}"
        found: list[TransactionData] = []
        for page in self._api.pages(path, token=kept.access_token):
            found += parse.transactions(page.data, zone=zone, is_pending=True)
        return tuple(found)

    def health(self, secret: str) -> Health:
        kept = oauth.Secret.load(secret)
        seen = self._all(kept.access_token)
        own = [each for each in seen if each.institution in ("", kept.institution)]
        others = {each.institution for each in seen if each.institution not in ("", kept.institution)}
        ends = [each.attributes.authorization_expiration_expected_at for each in own]
        reads = [each.synchronized_at for each in own]
        failures = [error for error in map(reading.failure, own) if error is not None]
        return Health(
            unattended=True,
            consent_expires_at=min((end for end in ends if end), default=None),
            last_success_at=min((moment for moment in reads if moment), default=None),
            error=_gone(own) or (failures[0] if failures else None),
            shared_with=tuple(sorted({self._institutions.title(other, token=kept.access_token) for other in others})),
        )

    def webhook(self, headers: Mapping[str, str], body: bytes, *, url: str) -> tuple[ProviderEvent, ...]:
        return self._webhooks.events(headers, body, now=dt.datetime.now(dt.UTC))

    # --- steps ---------------------------------------------------------------------------------------------------
    def _account(self, account: str, *, token: str) -> parse.Account:
        one = self._api.get(f"/accounts/{account}", parse.One, token=token)
        return decode(one.data, parse.Account, sender=self.title, within="$.data")

    def _all(self, token: str) -> list[parse.Account]:
        pages = self._api.pages(f"/accounts?page%5Blimit%5D={LARGEST_PAGE}", token=token)
        return [each for page in pages for each in parse.accounts(page.data)]

    def _own(self, kept: oauth.Secret) -> list[parse.Account]:
        return [each for each in self._all(kept.access_token) if each.institution in ("", kept.institution)]


def _gone(own: list[parse.Account]) -> FeedError | None:
    if own:
        return None
    return ConsentExpired("Ponto shows no account of this bank any more: update the credentials and choose them.")
