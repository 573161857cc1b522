#!/usr/bin/env python
"""Django's command line for one of the three sites: ``DJANGO_SETTINGS_MODULE`` chooses, the app is the default."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banksync.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
