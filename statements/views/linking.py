"""Connect bank, the last steps: which journal each account feeds, and the first fetch."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from companies.access import company_of, company_required
from connections.models import Account, Connection, LinkAttempt
from connections.queries import not_ended
from connections.services import attempts, ending
from providers.errors import FeedError
from statements.forms import LinkAccountForm
from statements.models import SyncRun
from statements.refusal import Refused
from statements.services import adviser, linking, preview, takeover
from statements.views.fetching import ask_for_fetch


@require_http_methods(["GET", "POST"])
@company_required
def link_accounts(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Step 3: a row per account. Linking starts the first fetch."""
    attempt = _our_attempt(request, attempt_id)
    connection = attempt.connection
    if connection is None:
        return redirect("attempt", attempt.pk)
    accounts, error = _accounts(connection)
    forms = _forms(request, attempt, accounts)
    problem = ""
    if request.method == "POST" and "preview" in request.POST:
        return _preview_page(request, attempt, forms)
    if request.method == "POST" and forms and all([form.is_valid() for form in forms]):
        try:
            linking.link(attempt, [form.choice() for form in forms], person=request.user)  # type: ignore[arg-type]
        except linking.CannotLink as refusal:
            problem = str(refusal)
        else:
            for older in not_ended(connection.company):
                ending.end_superseded(older)
            ask_for_fetch(request, connection, trigger=SyncRun.Trigger.LINK)
            return redirect("link_done", attempt.pk)
    return _page(request, attempt, forms, error=error, problem=problem)


@require_GET
@company_required
def link_done(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Step 4: the first fetch under way, then its result and two ways on."""
    attempt = _our_attempt(request, attempt_id)
    if attempt.connection is None:
        return redirect("attempt", attempt.pk)
    run = attempt.connection.runs.with_progress().prefetch_related("accounts__account__journal").first()
    return render(request, "statements/link_done.html", {"attempt": attempt, "run": run})


def _preview_page(request: HttpRequest, attempt: LinkAttempt, forms: list[LinkAccountForm]) -> HttpResponse:
    """The same page with what linking one account (``preview``) would bring; nothing is linked."""
    form = next((one for one in forms if str(one.account.pk) == request.POST["preview"]), None)
    if form is None:
        raise Http404
    if not form.is_valid():
        return _page(request, attempt, forms)
    try:
        form.preview = preview.link(form.account, form.choice())
    except (Refused, linking.CannotLink) as refusal:
        form.add_error(None, str(refusal))
    except FeedError as error:
        form.failure = error
    return _page(request, attempt, forms)


def _page(
    request: HttpRequest,
    attempt: LinkAttempt,
    forms: list[LinkAccountForm],
    *,
    error: FeedError | None = None,
    problem: str = "",
) -> HttpResponse:
    advice = adviser.advise(
        attempt.company,
        attempt.institution,
        journals=[form.chosen_journal() for form in forms],
        chosen=[form.chosen_day() for form in forms],
    )
    context = {
        "attempt": attempt,
        "connection": attempt.connection,
        "forms": forms,
        "rows": list(zip(forms, advice, strict=True)),
        "error": error,
        "problem": problem,
    }
    status = 422 if problem or any(form.is_bound and form.errors for form in forms) else 200
    return render(request, "statements/link_accounts.html", context, status=status)


def _our_attempt(request: HttpRequest, attempt_id: UUID) -> LinkAttempt:
    """A walk to the bank that has ended well is everybody's in the company, whoever made it: journals can be chosen."""
    ours = LinkAttempt.objects.filter(company=company_of(request), purpose=LinkAttempt.Purpose.CONNECT)
    own = ours.filter(Q(person=request.user.pk) | Q(connection__isnull=False))
    return get_object_or_404(own.select_related("institution", "company", "connection"), pk=attempt_id)


def _accounts(connection: Connection) -> tuple[list[Account], FeedError | None]:
    """The accounts not linked yet; asked of the bank while none are known."""
    if not connection.accounts.exists():
        try:
            attempts.fetch_accounts(connection)
        except FeedError as error:
            return [], error
    waiting = connection.accounts.filter(journal__isnull=True, is_closed=False)
    return list(waiting.select_related("connection__company", "connection__institution")), None


def _forms(request: HttpRequest, attempt: LinkAttempt, accounts: list[Account]) -> list[LinkAccountForm]:
    earliest = adviser.earliest_of(attempt.institution)
    data = request.POST if request.method == "POST" else None
    older = takeover.offered(accounts[0].connection) if accounts else []
    free = [*linking.free_journals(attempt.company), *older]
    goes_on = takeover.matches(accounts, older)
    return [
        LinkAccountForm(data, account=account, free=free, earliest=earliest, goes_on_with=goes_on.get(account.pk))
        for account in accounts
    ]
