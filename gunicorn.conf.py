"""What gunicorn does alike for every site: its own lines look like the site's log, and its processes count together."""

import os
import shutil
from importlib import import_module
from typing import Any

# The site's settings say how; the app is the default, as for manage.py.
_settings = import_module(os.environ.get("DJANGO_SETTINGS_MODULE", "banksync.settings"))
logconfig_dict = _settings.LOGGING

# Set before a process counts anything, and empty at each start: what earlier processes counted is over.
if _folder := getattr(_settings, "METRICS_FOLDER", ""):
    shutil.rmtree(_folder, ignore_errors=True)
    os.makedirs(_folder)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _folder


def child_exit(server: Any, worker: Any) -> None:
    """What a process that has ended had counted stays counted; its gauges go."""
    if _folder:
        # Not before: it asks where to count while it is being imported.
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
