"""The settings of the three sites laid on top of each other, so that the type checker sees every model at once."""

from sandbox.settings import *  # noqa: F403, I001 - the order decides which site's value of a name is seen
from sandbox.settings import INSTALLED_APPS as SANDBOX_APPS
from proxy.settings import *  # noqa: F403
from proxy.settings import INSTALLED_APPS as PROXY_APPS
from banksync.settings import *  # type: ignore[assignment]  # noqa: F403
from banksync.settings import INSTALLED_APPS as APP_APPS

# One admin for both, which does not look for the pages of either.
ADMINS = {"django.contrib.admin", "proxy.apps.OperatorAdminConfig"}
INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    *dict.fromkeys(app for app in [*APP_APPS, *PROXY_APPS, *SANDBOX_APPS] if app not in ADMINS),
]
