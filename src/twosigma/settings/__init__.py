"""The settings: environment variables with the prefix TWOSIGMA_, read once, into one Struct.

Nothing else in 2Sigma reads the environment.
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin
from urllib.parse import urlsplit

import msgspec

from twosigma.domain.credentials import aws_region
from twosigma.domain.errors import Invalid
from twosigma.settings.fields import (
    APART,
    FIELDS,
    FILE,
    HINTS,
    PASSWORD,
    PREFIX,
    Secret,
    Settings,
    SettingsError,
    choices_of,
    is_secret,
    plain,
)

__all__ = ["Secret", "Settings", "SettingsError", "load", "password"]


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of an environment (the process's own, if none is given).

    Raises SettingsError for an unknown variable, a value of another type or out of range, a
    secret's file that cannot be read, and for what the chosen model needs and has not.
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
    _require_model(settings)
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
        bare = field.removesuffix(FILE.lower())
        if bare != field and bare in FIELDS and is_secret(bare):
            return bare, True
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
    if choices := choices_of(kind):
        return _choice(name, text, choices)
    if get_origin(plain(kind)) is tuple:
        return _origins(name, text)
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


def _origins(name: str, text: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if origin != f"{parts.scheme}://{parts.netloc}" or parts.scheme not in {"http", "https"}:
            raise SettingsError(f"{name}: {origin!r} is no origin (https://host or https://host:1)")
    return origins


def _require_model(settings: Settings) -> None:
    _require_aws(settings)
    if settings.llm == "offline":
        return
    _require(settings, "model")
    if settings.llm == "openai":
        _require_openai(settings)
    elif settings.temperature > 1:
        raise SettingsError(f"{PREFIX}TEMPERATURE may be 1 at most for {PREFIX}LLM=bedrock")


def _require(settings: Settings, field: str) -> None:
    if not getattr(settings, field).strip():
        raise SettingsError(f"{PREFIX}{field.upper()} must be set for {PREFIX}LLM={settings.llm}")


def _require_url(settings: Settings, field: str) -> None:
    try:
        parts = urlsplit(getattr(settings, field))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{PREFIX}{field.upper()} must begin with http:// or https://")


def _require_aws(settings: Settings) -> None:
    try:
        aws_region(settings.aws_region, ())
    except Invalid:
        raise SettingsError(f"{PREFIX}AWS_REGION is no name of an AWS region") from None
    if settings.bedrock_endpoint_url:
        _require_url(settings, "bedrock_endpoint_url")


def _require_openai(settings: Settings) -> None:
    _require(settings, "openai_base_url")
    _require_url(settings, "openai_base_url")
    key = settings.openai_api_key.value if settings.openai_api_key is not None else ""
    if not (key.isascii() and (key.isprintable() or not key)):
        raise SettingsError(f"{PREFIX}OPENAI_API_KEY holds characters that no key has")
