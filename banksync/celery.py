"""The task queue: Celery, on Redis in production and on a broker without a server elsewhere."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banksync.settings")

app = Celery("banksync")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_the_sites_logging(**kwargs: Any) -> None:
    """A receiver of this signal is what keeps Celery from replacing the logging that Django set up."""
