"""Accounts: who somebody is, and what an account may change about itself."""

from datetime import datetime

from msgspec import Struct

from twosigma.domain.actor import Role


class User(Struct, frozen=True, kw_only=True):
    """An account. The password's hash is kept apart (`Credentials`) and never shown."""

    id: int
    email: str
    full_name: str
    role: Role
    is_active: bool
    locale: str
    time_zone: str
    created_at: datetime
    updated_at: datetime


class NewUser(Struct, frozen=True, kw_only=True):
    """What an account begins with; every text is normalised already (`domain.values`)."""

    email: str
    full_name: str
    password_hash: str
    role: Role
    locale: str
    time_zone: str
    created_at: datetime


class Credentials(Struct, frozen=True, kw_only=True):
    """What a login is checked against."""

    user_id: int
    password_hash: str
    is_active: bool

    def __repr__(self) -> str:
        return f"Credentials(user_id={self.user_id})"
