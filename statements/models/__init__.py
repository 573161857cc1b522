"""The models of the statements app, one subject per module."""

from statements.models.import_file import ImportFile
from statements.models.journal import Journal
from statements.models.line import StatementLine
from statements.models.mapping import CsvMapping
from statements.models.proven import ProvenDays
from statements.models.removed import GenuineTwins, RemovedLine
from statements.models.review import ReviewItem
from statements.models.run import AccountRun, SyncRun
from statements.models.search import MissingSearch
from statements.models.statement import Statement, StatementVersion
from statements.models.trace import LineTrace

__all__ = [
    "AccountRun",
    "CsvMapping",
    "GenuineTwins",
    "ImportFile",
    "Journal",
    "LineTrace",
    "MissingSearch",
    "ProvenDays",
    "RemovedLine",
    "ReviewItem",
    "Statement",
    "StatementLine",
    "StatementVersion",
    "SyncRun",
]
