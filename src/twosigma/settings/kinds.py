"""What settings are made of."""

from typing import Annotated

from msgspec import Meta, Struct

PREFIX = "TWOSIGMA_"


class SettingsError(Exception):
    """A setting is unknown, wrong or missing; one line that names it."""


class Secret(Struct, frozen=True):
    """A text that is shown nowhere unless asked for."""

    value: str

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


Seconds = Annotated[float, Meta(gt=0, le=86_400)]
