"""Defects: errors that nobody foresaw, logged once with the way they took."""

import traceback

import structlog

_log = structlog.stdlib.get_logger("twosigma.http")


def log_defect(error: BaseException) -> None:
    """Log where an unexpected error came from. Its text stays out: it may hold what was sent."""
    chain: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < 5:
        frames = "".join(traceback.format_tb(cause.__traceback__))
        chain.append(f"{type(cause).__name__}\n{frames}")
        cause = cause.__cause__ or cause.__context__
    _log.error("unhandled error", error=type(error).__name__, stack="\n".join(chain))
