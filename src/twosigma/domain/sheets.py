"""Reading objects that authors write, one field at a time, with all their faults at once."""

from collections.abc import Mapping
from math import isfinite
from typing import cast

from twosigma.domain.canonical import NUMBER_LIMIT, plain_id
from twosigma.domain.errors import Fault, Loc
from twosigma.domain.questions import QuestionId

_MISSING = object()


class Sheet:
    """An object that is being read: collects its faults, and gives defaults in their place."""

    def __init__(self, raw: Mapping[str, object], loc: Loc) -> None:
        self.raw = raw
        self.loc = loc
        self.faults: list[Fault] = []

    def blame(self, msg: str, kind: str, *at: str | int) -> None:
        self.faults.append(Fault((*self.loc, *at), msg, kind))

    def text(self, key: str, *, is_required: bool = False) -> str:
        """The text at `key`; "" where there is none."""
        value = self.raw.get(key, _MISSING if is_required else "")
        if isinstance(value, str):
            return value
        if value is _MISSING:
            self.blame("Field required", "value_error.missing", key)
        else:
            self.blame("Must be a string", "type_error.str", key)
        return ""

    def items(self, key: str) -> list[object]:
        """The list at `key`; [] where there is none."""
        value = self.raw.get(key, [])
        if isinstance(value, list | tuple):
            return list(value)
        self.blame("Must be a list", "type_error.list", key)
        return []

    def number(self, key: str, default: int, maximum: float = NUMBER_LIMIT) -> int | float:
        """The number at `key`, 0 … maximum."""
        value = self.raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            self.blame("Must be a number", "type_error.float", key)
            return default
        self._bound(key, value, 0, maximum)
        return value

    def count(self, key: str) -> None:
        """Check the whole number ≥ 1, or null, at `key`."""
        value = self.raw.get(key)
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int):
            self.blame("Must be a whole number", "type_error.integer", key)
        else:
            self._bound(key, value, 1, 2**31 - 1)

    def _bound(self, key: str, value: float, minimum: float, maximum: float) -> None:
        if value < minimum:
            self.blame(f"Must be at least {minimum}", "value_error.number.not_ge", key)
        elif value > maximum:
            self.blame(f"Must be at most {maximum}", "value_error.number.not_le", key)

    def choice(self, key: str, offered: tuple[str, ...], default: object = _MISSING) -> str:
        """The one of these words at `key`."""
        value = self.raw.get(key, default)
        if isinstance(value, str) and value in offered:
            return value
        if value is _MISSING:
            self.blame("Field required", "value_error.missing", key)
        else:
            self.blame(f"Must be one of: {', '.join(offered)}", "type_error.enum", key)
        return offered[0]

    def id(self) -> QuestionId:
        """The `id`: a 64-bit integer, or text of 1–64 characters."""
        value = self.raw.get("id", _MISSING)
        if value is _MISSING:
            self.blame("Field required", "value_error.missing", "id")
        elif plain_id(value) in (None, ""):
            msg = "Must be a 64-bit integer or a text of 1 to 64 characters"
            self.blame(msg, "value_error", "id")
        else:
            return cast(QuestionId, value)
        return ""


def _is_finite(value: float) -> bool:
    return isinstance(value, int) or isfinite(value)
