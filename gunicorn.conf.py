"""What gunicorn does alike for every site: it writes its own lines as the site writes its log."""

import os
from importlib import import_module

# The site's settings say how; the app is the default, as for manage.py.
logconfig_dict = import_module(os.environ.get("DJANGO_SETTINGS_MODULE", "banksync.settings")).LOGGING
