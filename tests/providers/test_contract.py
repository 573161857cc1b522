"""Every provider passes the one contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.errors import (
    ConnectionGone,
    ConsentExpired,
    InstitutionDown,
    InvalidResponse,
    NotFound,
    PagesChanged,
    ProviderDown,
    ProviderMisconfigured,
    RateLimited,
    SecretExpired,
    UnknownProviderError,
    Unreachable,
)
from providers.types import EventData
from scripts.holder import NOWHERE, walk
from scripts.waiting import until
from tests.providers.contract import ContractCase, ProviderContract, WireError
from tests.providers.stage import USER, Stage, staged


@pytest.fixture(scope="module")
def running_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture
def stage(running_stage: Stage) -> Iterator[Stage]:
    running_stage.reset()
    yield running_stage
    running_stage.reset()


def plaid_error(kind: str, code: str) -> dict[str, str]:
    return {"kind": "plaid_error", "error_type": kind, "error_code": code}


class TestPlaid(ProviderContract):
    case = ContractCase(
        provider="plaid",
        pages="/transactions/sync",
        wire_errors=(
            WireError({"kind": "mutation"}, PagesChanged),
            WireError({"kind": "rate_limit"}, RateLimited),
            WireError({"kind": "status_500"}, ProviderDown),
            WireError({"kind": "html"}, ProviderDown),
            WireError({"kind": "drop"}, Unreachable),
            WireError({"kind": "broken_json"}, InvalidResponse),
            WireError({"kind": "unreadable_amount"}, InvalidResponse),
            WireError({"kind": "unknown_currency"}, InvalidResponse),
            WireError({"kind": "unknown_currency", "variant": "none"}, InvalidResponse),
            WireError(plaid_error("ITEM_ERROR", "ITEM_LOGIN_REQUIRED"), ConsentExpired),
            WireError(plaid_error("ITEM_ERROR", "ITEM_NOT_FOUND"), ConnectionGone),
            WireError(plaid_error("INSTITUTION_ERROR", "INSTITUTION_NOT_RESPONDING"), InstitutionDown),
            WireError(plaid_error("NOVELTY", "TOMORROW_S_ERROR"), UnknownProviderError),
        ),
        secrets=("sandbox-secret", r"access-sandbox-[0-9a-f]", r"public-sandbox-[0-9a-f]", r"link-sandbox-[0-9a-f]"),
        can_narrow=True,
    )


def salt_edge_error(name: str, *, is_flat: bool = False) -> dict[str, str]:
    return {"kind": "plaid_error", "error_type": "flat" if is_flat else "", "error_code": name}


class TestSaltEdge(ProviderContract):
    case = ContractCase(
        provider="saltedge",
        pages="/transactions",
        wire_errors=(
            WireError({"kind": "rate_limit"}, RateLimited),
            WireError({"kind": "status_500"}, ProviderDown),
            WireError({"kind": "html"}, ProviderDown),
            WireError({"kind": "drop"}, Unreachable),
            WireError({"kind": "broken_json"}, InvalidResponse),
            WireError({"kind": "unreadable_amount"}, InvalidResponse),
            WireError({"kind": "unknown_currency"}, InvalidResponse),
            WireError({"kind": "unknown_currency", "variant": "none"}, InvalidResponse),
            WireError(salt_edge_error("AispConsentRevoked"), ConsentExpired),
            WireError(salt_edge_error("AispConsentExpired", is_flat=True), ConsentExpired),
            WireError(salt_edge_error("ConnectionNotFound"), ConnectionGone),
            WireError(salt_edge_error("ProviderUnavailable"), InstitutionDown),
            WireError(salt_edge_error("TomorrowsError"), UnknownProviderError),
        ),
        secrets=("sandbox-secret", r"token=", "PRIVATE KEY"),
        tells_history=True,
        can_narrow=True,
    )

    def test_a_callback_about_news_reaches_the_feed_once(self, stage: Stage) -> None:
        """A bank that Salt Edge reads by itself is heard of without anybody asking."""
        reference = self.connect(stage, "Quiet Bank")
        stage.control("POST", "clock", days=2)

        def heard() -> list[EventData]:
            return [one for one in stage.proxy.events(0).events if one.connection == reference]

        until(lambda: "transactions_available" in {one.kind for one in heard()}, 15, what="the callback")
        assert [one.kind for one in heard()].count("transactions_available") == 1


def ponto_error(code: str, status: int = 400) -> dict[str, object]:
    return {"kind": "plaid_error", "error_type": "api", "error_code": code, "status": status}


class TestPonto(ProviderContract):
    case = ContractCase(
        provider="ponto",
        pages="/accounts/{id}/transactions",
        wire_errors=(
            WireError({"kind": "rate_limit"}, RateLimited),
            WireError({"kind": "status_500"}, ProviderDown),
            WireError({"kind": "html"}, ProviderDown),
            WireError({"kind": "drop"}, Unreachable),
            WireError({"kind": "broken_json"}, InvalidResponse),
            WireError({"kind": "unreadable_amount"}, InvalidResponse),
            WireError({"kind": "unknown_currency"}, InvalidResponse),
            WireError({"kind": "unknown_currency", "variant": "none"}, InvalidResponse),
            WireError(ponto_error("authorizationInvalid"), ConsentExpired),
            WireError(ponto_error("resourceNotFound", 404), NotFound),
            WireError(ponto_error("tomorrowsError", 401), SecretExpired),
            WireError(ponto_error("tomorrowsError", 403), ProviderMisconfigured),
            WireError(ponto_error("tomorrowsError", 409), UnknownProviderError),
        ),
        secrets=("sandbox-secret", "Bearer ", r"[?&]code=", r"refresh_token=", r"[?&]state="),
        largest_page=100,
        tells_presence=False,
        tells_beta=True,
    )

    def test_a_renewal_whose_answer_is_lost_loses_nothing(self, stage: Stage) -> None:
        """Twice in a row: the second loss is noticed by the caller, who comes back."""
        reference = self.connect(stage, "Quiet Bank")
        for losses in (1, 2):
            # The access token ends; the permission stays.
            stage.control("POST", "clock", seconds=3600)
            stage.control("POST", "faults", kind="drop", after_work=True, route="/oauth2/token", times=losses)
            if losses == 2:
                with pytest.raises(Unreachable):
                    stage.proxy.accounts(reference)
            assert len(stage.proxy.accounts(reference)) == 1
            stage.control("DELETE", "faults")

    def test_a_renewal_that_a_strict_provider_will_not_repeat_is_mended_by_the_holder(self, stage: Stage) -> None:
        reference = self.connect(stage, "Quiet Bank")
        stage.control("POST", "clock", seconds=3600)
        stage.control("POST", "faults", kind="shape", name="strict_rotation", route="/oauth2/token", times=None)
        stage.control("POST", "faults", kind="drop", after_work=True, route="/oauth2/token", times=1)
        with pytest.raises(ConsentExpired) as caught:
            stage.proxy.accounts(reference)
        assert caught.value.action == "update_credentials"
        opened = stage.proxy.update_connection(reference, return_url=NOWHERE, language="en", user=USER)
        walk(opened.url, "Approve")
        done = stage.proxy.finish_connection(opened.flow)
        assert (done.status, done.connection) == ("connected", reference)
        assert len(stage.proxy.accounts(reference)) == 1

    def test_a_permission_for_two_banks_is_two_connections(self, stage: Stage) -> None:
        quiet, dormant = self.connect(stage, "Quiet Bank"), self.connect(stage, "Dormant Bank")
        assert "Dormant Bank" in stage.proxy.connection(quiet).shared_with
        assert "Quiet Bank" in stage.proxy.connection(dormant).shared_with
        assert [each.name for each in stage.proxy.accounts(dormant)] == ["Reserve account"]
        stage.proxy.revoke(dormant)
        assert "Dormant Bank" not in stage.proxy.connection(quiet).shared_with
        assert stage.proxy.accounts(quiet)

    def test_what_ponto_tells_becomes_an_event_once(self, stage: Stage) -> None:
        reference = self.connect(stage, "Quiet Bank")
        after = stage.last_event()
        notice = {"kind": "account.transactionsCreated", "institution": "quiet_bank"}
        for variant in ("unsigned", "wrong_alg", "wrong_issuer", "wrong_audience", "stale", "altered", "twice"):
            assert stage.control("POST", "ponto/notice", **notice, variant=variant)["sent"]
        stage.control("POST", "ponto/notice", kind="integration.accountAdded", institution="quiet_bank")
        found = stage.events_until({"accounts_changed", "transactions_available"}, reference, after=after)
        assert sorted(each.kind for each in found) == ["accounts_changed", "transactions_available"]
