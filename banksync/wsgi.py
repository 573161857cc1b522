"""The app for a WSGI server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banksync.settings")
application = get_wsgi_application()

# What is loaded by now stays for good, and a page makes thousands of objects that go when it is done: to look through
# all of them for circles several times a page takes about a tenth of its time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
