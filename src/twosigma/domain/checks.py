"""Collect the faults of an input, so that all of them are told at once."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from twosigma.domain.errors import Fault, Invalid

T = TypeVar("T")


class Checks:
    """Takes one value after another; `done` raises Invalid with all that was wrong."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def take(self, value: T, check: Callable[[T], T]) -> T:
        """The checked value; the one given where it has a fault, which is noted."""
        try:
            return check(value)
        except Invalid as refused:
            self._faults.extend(refused.faults)
            return value

    def maybe(self, value: T | None, check: Callable[[T], T]) -> T | None:
        """As `take`, for a value that may be absent."""
        return None if value is None else self.take(value, check)

    def that(self, holds: bool, fault: Fault) -> None:  # noqa: FBT001 -- reads as a sentence
        """Note the fault unless this holds."""
        if not holds:
            self._faults.append(fault)

    def add(self, faults: Iterable[Fault]) -> None:
        self._faults.extend(faults)

    def done(self) -> None:
        """Raise Invalid if anything was wrong."""
        if self._faults:
            raise Invalid(self._faults)
