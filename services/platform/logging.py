"""Logs: one JSON line an event on standard error; selected facts only, never objects."""

import logging
import sys
from enum import StrEnum
from typing import Any

import structlog

Logger = Any
"""structlog's bound logger; its methods take a LogEvent and codes, counts and opaque ids."""


class LogEvent(StrEnum):
    """Everything that is ever logged."""

    STEP_FAILED = "step_failed"
    PROCESS_STARTED = "process_started"
    PROCESS_STOPPED = "process_stopped"
    PROCESS_DIED = "process_died"
    WITNESS_FAILED = "witness_failed"
    FILE_FAILED = "file_failed"
    MESSAGE_FAILED = "message_failed"
    FEW_OFFICERS = "few_officers"
    BOUND_ROW_FAILED = "bound_row_failed"
    HELD_TOO_LONG = "held_too_long"
    RESTRICTION_UNANSWERED = "restriction_unanswered"
    SIGN_IN_PROVIDER_FAILED = "sign_in_provider_failed"
    FEED_READ = "feed_read"
    FEED_NOT_READ = "feed_not_read"
    DIRECTORY_FAILED = "directory_failed"
    CONNECTION_NOT_FOLLOWED = "connection_not_followed"
    METRICS_NOT_SERVED = "metrics_not_served"


def configure_logging(process: str) -> Logger:
    """Set up the process's logging. Tracebacks carry no locals (STYLE.md 21)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    for noisy in ("kafka", "sqlalchemy", "urllib3", "uvicorn", "uvicorn.error", "httpx"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    return structlog.get_logger(process=process)
