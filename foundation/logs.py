"""Log lines with a time that reads the same everywhere."""

from __future__ import annotations

import logging
import time


class UtcFormatter(logging.Formatter):
    """Stamps each line in UTC, so that the logs of three programs on two machines can be laid side by side."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"
