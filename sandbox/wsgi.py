"""The sandbox for a WSGI server."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
application = get_wsgi_application()

from sandbox.world.directory import institutions  # noqa: E402 - the seed of the world is in the settings

# Made now: it takes a second, which the first visitor need not wait for.
institutions()
