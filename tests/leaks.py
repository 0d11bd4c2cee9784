"""No secret leaks anywhere in the suite: what is logged, refused or stored is looked through.

`watch` looks at every log line of the process, `look` at any text or file that a test helper
hands it; what they find fails the very test during which it was found (`tests/conftest.py`).
"""

import logging
import re
from pathlib import Path
from typing import Any

import structlog

from tests.credentials import CANARIES
from twosigma.testing import PASSWORD

SECRETS = (
    PASSWORD, "another horse battery", "SecurePass123", "hunter2-canary",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", *CANARIES,
)  # fmt: skip
"""Passwords and keys that the suite works with."""
TOKEN = re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}")
"""A signed token (RFC 7519, compact form)."""
FIELDS = re.compile(
    r'"(?:password|password_hash|hashed_password|secret|secret_key|aws_secret_access_key|'
    r'aws_session_token|successor|token_hash)"\s*:'
)
"""Fields that no answer may have."""

found: list[str] = []
"""What leaked since the last test ended."""


def look(where: str, text: str, *, may_hold_tokens: bool = False) -> None:
    """Note each secret in a text."""
    named = [secret for secret in SECRETS if secret in text]
    if not may_hold_tokens and TOKEN.search(text):
        named.append("a signed token")
    found.extend(f"{where}: {secret}" for secret in named)


def look_at_answer(status: int, text: str) -> None:
    """Note a field in an answer that none may have, and each secret: tokens are given to those
    who sign in, and to nobody else."""
    field = FIELDS.search(text)
    if field:
        found.append(f"an answer: the field {field.group()}")
    look(f"an answer with {status}", text, may_hold_tokens=status < 400)


def look_at_file(path: Path) -> None:
    """Note each secret in a database's file, and in its log beside it."""
    for each in (path, path.with_name(path.name + "-wal")):
        if each.exists():
            look(f"the file {each.name}", each.read_bytes().decode("latin-1"))


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        look("a log line", self.format(record))


def _look_at_event(_logger: object, _method: str, event: Any) -> Any:
    look("a log line", repr(event))
    raise structlog.DropEvent  # rendered, it would only be thrown away


def watch() -> None:
    """Look at every line that our loggers write from now on, at every level."""
    logger = logging.getLogger("twosigma")
    logger.setLevel(logging.DEBUG)
    if not any(isinstance(handler, _Handler) for handler in logger.handlers):
        logger.addHandler(_Handler())
    if _look_at_event not in structlog.get_config()["processors"]:
        structlog.configure(processors=[_look_at_event])
