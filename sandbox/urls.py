"""Addresses of the sandbox."""

from __future__ import annotations

from django.urls import include, path

from sandbox.control import views
from sandbox.phone import views as phone

urlpatterns = [
    path("", views.index, name="index"),
    path("health/live", views.health),
    path("phone", phone.screen, name="phone"),
    path("phone/messages", phone.gateway, name="phone_messages"),
    path("control/", include("sandbox.control.urls")),
    path("plaid/", include("sandbox.plaid.urls")),
    path("saltedge/", include("sandbox.saltedge.urls")),
    path("ponto/", include("sandbox.ponto.urls")),
]
