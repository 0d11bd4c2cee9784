"""Texts that are kept encrypted: where each belongs, and what can be wrong with one."""

from msgspec import Struct

NO_KEY = "Secrets cannot be stored: no encryption key is set"


class Place(Struct, frozen=True):
    """Where a sealed text belongs. Moved to another place it cannot be opened."""

    table: str
    column: str
    row: str

    def __str__(self) -> str:
        return f"{self.table}|{self.column}|{self.row}"


class Unreadable(Exception):
    """A sealed text cannot be opened: its key is gone, or it is not what was sealed here."""


class Rotation(Struct, frozen=True, kw_only=True):
    """What a rotation of the keys did: texts sealed anew, those that were so already, and the
    names (table.column) of those that cannot be opened, which stay as they are."""

    resealed: int
    current: int
    unreadable: tuple[str, ...]
