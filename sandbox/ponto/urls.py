"""Addresses of the Ponto simulator, below ``/ponto/``."""

from __future__ import annotations

from django.urls import path, re_path

from sandbox.ponto import wire
from sandbox.ponto.views import data, directory, hosted, oauth

app_name = "ponto"
urlpatterns = [
    path("visits/<str:visit_id>", hosted.hosted, name="hosted"),
    path("oauth2/auth", oauth.auth),
    path("oauth2/token", oauth.token),
    path("oauth2/revoke", oauth.revoke),
    path("userinfo", oauth.userinfo),
    path("webhooks/keys", directory.keys),
    path("financial-institutions", directory.institutions),
    path("financial-institutions/<str:institution_id>", directory.institution),
    path("onboarding-details", directory.onboarding_details),
    path("accounts", data.accounts),
    path("accounts/<str:account_id>", data.account),
    path("accounts/<str:account_id>/transactions", data.transactions),
    path("accounts/<str:account_id>/transactions/<str:transaction_id>", data.transaction),
    path("accounts/<str:account_id>/pending-transactions", data.pending_transactions),
    path("accounts/<str:account_id>/reauthorization-requests", data.reauthorization_requests),
    path("synchronizations", data.synchronizations),
    path("synchronizations/<str:synchronization_id>", data.synchronization),
    path("synchronizations/<str:synchronization_id>/updated-transactions", data.updated_transactions),
    path("synchronizations/<str:synchronization_id>/updated-pending-transactions", data.updated_pending),
    path("organizations/<str:organization_id>/integration", data.integration),
    re_path("(?P<path>.*)", wire.no_such_route),
]
