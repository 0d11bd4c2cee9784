"""What an installation may set about its HTTP service."""

from msgspec import Struct


class HttpSettings(Struct, frozen=True, kw_only=True):
    """`max_body` in bytes; `max_body_seconds`: how long a body may take to come."""

    cors_origins: tuple[str, ...] = ()
    max_body: int = 1024 * 1024
    max_body_seconds: float = 10
