"""The addresses of the proxy."""

from django.urls import path

from proxy.api import api
from proxy.views import health, returned

urlpatterns = [
    path("v1/", api.urls),
    path("return/<str:state>", returned.returned, name="returned"),
    path("health/live", health.live),
    path("health/ready", health.ready),
]
