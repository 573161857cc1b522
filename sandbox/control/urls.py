"""Addresses of the control routes, below ``/control/``."""

from __future__ import annotations

from django.urls import path

from sandbox.control import saltedge, views
from sandbox.phone import views as phone

urlpatterns = [
    path("clock", views.clock_view),
    path("faults", views.faults_view),
    path("phone", phone.control_view),
    path("plaid/notice", views.plaid_notice_view),
    path("ponto/notice", views.ponto_notice_view),
    path("saltedge/notice", saltedge.notice_view),
    path("truth", views.truth_view),
]
