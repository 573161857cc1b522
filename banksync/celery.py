"""The task queue: Celery, on Redis in production and on a broker without a server elsewhere."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, Task
from celery.signals import setup_logging, task_postrun, task_prerun

from foundation import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banksync.settings")

app = Celery("banksync")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_the_sites_logging(**kwargs: Any) -> None:
    """A receiver of this signal is what keeps Celery from replacing the logging that Django set up."""


@task_prerun.connect
def say_which_task(task_id: str, task: Task[..., Any], **kwargs: Any) -> None:
    """Every line of the log that a task writes names it."""
    logs.begin(task=f"{task.name}[{task_id}]")


@task_postrun.connect
def say_no_task(**kwargs: Any) -> None:
    """What the thread writes from here on is no longer about the task."""
    logs.end()
