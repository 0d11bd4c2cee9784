"""Randomness of the operating system."""

import secrets
from uuid import uuid4


class SystemRandom:
    def token(self) -> str:
        return secrets.token_urlsafe(24)

    def uuid(self) -> str:
        return str(uuid4())
