"""Addresses of the sandbox."""

from __future__ import annotations

from django.urls import include, path

from sandbox.control import views

urlpatterns = [
    path("", views.index, name="index"),
    path("health/live", views.health),
    path("control/", include("sandbox.control.urls")),
    path("plaid/", include("sandbox.plaid.urls")),
    path("saltedge/", include("sandbox.saltedge.urls")),
    path("ponto/", include("sandbox.ponto.urls")),
]
