"""The addresses of the proxy."""

from django.contrib import admin
from django.urls import path, re_path

from proxy.api import api
from proxy.views import health, metrics, returned, webhooks

urlpatterns = [
    path("v1/", api.urls),
    path("return/<str:place>", returned.returned, name="returned"),
    re_path(r"^webhooks/(?P<provider>[a-z]+)(?:/.*)?$", webhooks.webhook, name="webhook"),
    path("admin/", admin.site.urls),
    path("metrics", metrics.metrics),
    path("health/live", health.live),
    path("health/ready", health.ready),
]
