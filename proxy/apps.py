"""The proxy as a Django app, and its operators' site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ProxyConfig(AppConfig):
    name = "proxy"
    default_auto_field = "django.db.models.BigAutoField"


class OperatorAdminConfig(AdminConfig):
    default_site = "proxy.operator_site.OperatorSite"
