"""Routes of Ponto's directory, of what its page is told before, and of its public keys."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from sandbox.ponto import errors, paging, render, sharing, webhooks
from sandbox.ponto.models import Onboarding
from sandbox.ponto.wire import Answer, Call, answers, exchange
from sandbox.world.directory import Institution

Named = tuple[str, Institution]


def _institutions(call: Call) -> Answer:
    """All banks, or with an organization's token those whose accounts it shares."""
    return 200, paging.page(
        _matching(call),
        call.request.GET,
        url=f"{call.base_url}/financial-institutions",
        named=lambda pair: pair[0],
        shown=lambda pair: render.institution(pair[1], institution_id=pair[0]),
    )


def _institution(call: Call, institution_id: str) -> Answer:
    return 200, {"data": render.institution(sharing.bank(institution_id), institution_id=institution_id)}


def _onboard(call: Call) -> Answer:
    wanted = call.attributes("onboardingDetails").get("initialFinancialInstitutionId")
    if wanted is not None and wanted not in sharing.banks():
        raise errors.invalid("initialFinancialInstitutionId", "is not a financial institution")
    made = Onboarding.objects.create(details_id=str(uuid.uuid4()), bank_id=sharing.bank(wanted).id if wanted else "")
    return 201, {"data": {"type": "onboardingDetails", "id": made.details_id, "attributes": {}}}


def _matching(call: Call) -> list[Named]:
    query, found = call.request.GET, list(sharing.banks().items())
    if call.token is not None and call.token.authorization is not None:
        shared = {row.bank_id for row in call.organization().accounts.all()}
        found = [pair for pair in found if pair[1].id in shared]
    if "filter[name][contains]" in query:
        found = [pair for pair in found if query["filter[name][contains]"].lower() in pair[1].name.lower()]
    if "filter[name][eq]" in query:
        found = [pair for pair in found if pair[1].name == query["filter[name][eq]"]]
    if "filter[name][in]" in query:
        found = [pair for pair in found if pair[1].name in query["filter[name][in]"].split(",")]
    return found


def keys(request: HttpRequest) -> HttpResponse:
    """What messages are held against."""
    return exchange(request, "/webhooks/keys", respond=lambda: (200, webhooks.published_keys()))


institutions = answers("/financial-institutions", "anyone", GET=_institutions)
institution = answers("/financial-institutions/{id}", "anyone", GET=_institution)
onboarding_details = answers("/onboarding-details", "application", POST=_onboard)
