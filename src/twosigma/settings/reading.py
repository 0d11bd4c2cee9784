"""Read the settings from environment variables."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin

import msgspec

from twosigma.settings.checks import LISTS, require_model
from twosigma.settings.fields import Secret, Settings, SettingsError
from twosigma.settings.mail import require_mail
from twosigma.settings.types import (
    APART,
    FIELDS,
    FILE,
    HINTS,
    PASSWORD,
    PREFIX,
    choices,
    is_secret,
    plain,
)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of an environment (the process's own, if none is given).

    Raises SettingsError for an unknown variable, a value of another type or out of range, a
    secret's file that cannot be read, and for what the chosen model or the mail server needs and
    has not.
    """
    given = os.environ if environ is None else environ
    ours = {name: given[name] for name in sorted(given) if name.startswith(PREFIX)}
    values: dict[str, Any] = {}
    for name, text in ours.items():
        if name == PASSWORD or name.startswith(APART):
            continue
        field, is_file = _field_of(name)
        if field in values:
            raise SettingsError(f"{PREFIX}{field.upper()} is set twice: itself and as {name}")
        values[field] = _read(name, field, _content(name, text) if is_file else text)
    settings = Settings(**values)
    require_model(settings)
    require_mail(settings)
    return settings


def password(environ: Mapping[str, str] | None = None) -> str | None:
    """The password that a command is to use; it is no setting, and no argument."""
    return (os.environ if environ is None else environ).get(PASSWORD)


def _field_of(name: str) -> tuple[str, bool]:
    """The field that a variable sets, and whether its value is a file's name."""
    field = name.removeprefix(PREFIX).lower()
    if name == name.upper():
        if field in FIELDS:
            return field, False
        plain = field.removesuffix(FILE.lower())
        if plain != field and plain in FIELDS and is_secret(plain):
            return plain, True
    near = get_close_matches(field, FIELDS, n=1)
    raise SettingsError(
        f"{name} is no setting" + (f"; is it {PREFIX}{near[0].upper()}?" if near else "")
    )


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8", "surrogateescape").rstrip("\r\n")
    except OSError as error:
        raise SettingsError(f"{name}: {path} cannot be read ({error.strerror})") from None


def _read(name: str, field: str, text: str) -> Any:
    kind = HINTS[field]
    if is_secret(field):
        return Secret(text)
    if listed := choices(kind):
        return _choice(name, text, listed)
    if get_origin(plain(kind)) is tuple:
        return LISTS[field](name, text)
    if plain(kind) is str:
        if not text.strip() and getattr(Settings(), field):
            raise SettingsError(f"{name} is empty")
        return text
    try:
        number = msgspec.convert(text.strip(), kind, strict=False)
    except msgspec.ValidationError as error:
        why = str(error).partition(", got")[0].lower().replace("`", "")
        raise SettingsError(f"{name} is {text!r}: {why}") from None
    return number


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    for choice in choices:
        if choice.casefold() == text.strip().casefold():
            return choice
    raise SettingsError(f"{name} is {text!r}; it may be {', '.join(choices)}")
