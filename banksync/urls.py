"""Every address of the app."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from banksync.health import feeds, live, ready
from banksync.metrics import metrics

urlpatterns = [
    path("health/live", login_not_required(live), name="health_live"),
    path("health/ready", login_not_required(ready), name="health_ready"),
    path("health/feeds", login_not_required(feeds), name="health_feeds"),
    path("metrics", login_not_required(metrics), name="metrics"),
    path("admin/", admin.site.urls),
    path("", include("companies.urls")),
    path("", include("connections.urls")),
    path("", include("statements.urls")),
]
