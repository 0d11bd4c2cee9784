"""The log: one line an event on standard error, for people or as JSON."""

import logging
import logging.config
import sys
import traceback
from typing import Literal

import structlog
from structlog.typing import ExcInfo, Processor

OURS = "twosigma"
_CAUSES = 5
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class Lines:
    """Writes structlog's finished lines. Our own loggers do not go by the standard library's: a
    line a request cost more there than all else that the service does for it."""

    def __init__(self, name: str = OURS) -> None:
        self.name = name

    def write(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    debug = info = warning = error = critical = write


def configure(form: Literal["console", "json"], level: str) -> None:
    """Send structlog's and the standard library's loggers to the same place, in one form.

    `level` is that of 2Sigma's own loggers. Libraries log warnings only, at every level: their
    finer lines hold statements, values and headers, which no log may hold.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(form)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.ERROR if level == "error" else logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[*_SHARED, *_last(form)],
        logger_factory=Lines,
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        cache_logger_on_first_use=True,
    )


def _last(form: Literal["console", "json"]) -> list[Processor]:
    errors = structlog.processors.ExceptionRenderer(_described)
    if form == "json":
        return [
            errors,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    return [errors, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


def _described(exc_info: ExcInfo) -> str:
    """Where an error came from, its causes first. Its text stays out but for the system's own
    errors: a database's holds the values of the statement, and so what somebody sent."""
    chain: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(chain) < _CAUSES:
        frames = "".join(traceback.format_tb(error.__traceback__))
        text = f": {error}" if isinstance(error, OSError) else ""
        chain.append(f"{frames}{type(error).__name__}{text}")
        error = error.__cause__ or error.__context__
    return "\n\n".join(reversed(chain))
