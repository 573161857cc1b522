"""Addresses of the Salt Edge simulator, below ``/saltedge/``."""

from __future__ import annotations

from django.urls import path, re_path

from sandbox.saltedge.views import connections, customers, data, widget
from sandbox.saltedge.wire import methods, no_such_route

app_name = "saltedge"
urlpatterns = [
    path("connect", widget.connect, name="connect"),
    path("connect/finished", widget.finished, name="finished"),
    path("api/v6/providers", methods(GET=data.providers)),
    path("api/v6/providers/<str:code>", methods(GET=data.provider)),
    path("api/v6/customers", methods(GET=customers.listed, POST=customers.create)),
    path("api/v6/customers/<str:customer_id>", methods(GET=customers.show, DELETE=customers.remove)),
    path("api/v6/connections", methods(GET=connections.listed)),
    path("api/v6/connections/connect", methods(POST=connections.connect)),
    path("api/v6/connections/<str:connection_id>/reconnect", methods(POST=connections.reconnect)),
    path("api/v6/connections/<str:connection_id>/refresh", methods(POST=connections.refresh)),
    path("api/v6/connections/<str:connection_id>/background_refresh", methods(POST=connections.background_refresh)),
    path(
        "api/v6/connections/<str:connection_id>",
        methods(GET=connections.show, PUT=connections.update, DELETE=connections.remove),
    ),
    path("api/v6/consents", methods(GET=connections.consents)),
    path("api/v6/consents/<str:consent_id>", methods(GET=connections.consent)),
    path("api/v6/consents/<str:consent_id>/revoke", methods(PUT=connections.revoke)),
    path("api/v6/accounts", methods(GET=data.accounts)),
    path("api/v6/transactions", methods(GET=data.transactions, PUT=data.mark)),
    re_path("(?P<path>.*)", no_such_route),
]
