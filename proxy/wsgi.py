"""The proxy for a WSGI server: ``gunicorn proxy.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "proxy.settings")

application = get_wsgi_application()
