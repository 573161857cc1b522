"""The models of the connections app, one subject per module."""

from connections.models.account import Account
from connections.models.attempt import LinkAttempt
from connections.models.calls import CallDay
from connections.models.chatter import ChatterEntry
from connections.models.connection import Connection
from connections.models.heartbeat import Heartbeat
from connections.models.institution import DirectoryCursor, Institution
from connections.models.notice import Notice
from connections.models.outage import Outage
from connections.models.registration import EventCursor, ProxyRegistration
from connections.models.renewal import RenewalLink

__all__ = [
    "Account",
    "CallDay",
    "ChatterEntry",
    "Connection",
    "DirectoryCursor",
    "EventCursor",
    "Heartbeat",
    "Institution",
    "LinkAttempt",
    "Notice",
    "Outage",
    "ProxyRegistration",
    "RenewalLink",
]
