"""The roof of the app: settings, urls, the task queue. No logic."""

from banksync.celery import app as celery_app

__all__ = ["celery_app"]
