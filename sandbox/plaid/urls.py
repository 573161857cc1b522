"""Addresses of the Plaid simulator, below ``/plaid/``."""

from __future__ import annotations

from django.urls import path, re_path

from sandbox.plaid import wire
from sandbox.plaid.views import data, hosted, institutions, link, webhooks

app_name = "plaid"
urlpatterns = [
    path("hl/<str:hosted_id>", hosted.hosted, name="hosted"),
    path("hl/<str:hosted_id>/finished", hosted.finished, name="finished"),
    path("link/token/create", link.token_create),
    path("link/token/get", link.token_get),
    path("item/public_token/exchange", link.public_token_exchange),
    path("accounts/get", data.accounts_get),
    path("accounts/balance/get", data.accounts_balance_get),
    path("transactions/sync", data.transactions_sync),
    path("transactions/get", data.transactions_get),
    path("transactions/refresh", data.transactions_refresh),
    path("item/get", data.item_get),
    path("item/remove", data.item_remove),
    path("item/webhook/update", data.item_webhook_update),
    path("item/access_token/invalidate", data.item_access_token_invalidate),
    path("institutions/get", institutions.institutions_get),
    path("institutions/search", institutions.institutions_search),
    path("institutions/get_by_id", institutions.institutions_get_by_id),
    path("webhook_verification_key/get", webhooks.webhook_verification_key_get),
    path("sandbox/item/fire_webhook", webhooks.sandbox_item_fire_webhook),
    path("sandbox/public_token/create", link.sandbox_public_token_create),
    path("sandbox/item/reset_login", link.sandbox_item_reset_login),
    re_path("(?P<path>.*)", wire.no_such_route),
]
