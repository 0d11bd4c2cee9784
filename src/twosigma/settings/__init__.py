"""The settings: environment variables with the prefix TWOSIGMA_, read once, into one Struct.

Nothing else in 2Sigma reads the environment.
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from twosigma.settings.kinds import PREFIX, Seconds, Secret, SettingsError
from twosigma.settings.mail import MailSettings, require_mail

__all__ = [
    "PASSWORD", "PREFIX", "Seconds", "Secret", "Settings", "SettingsError", "load", "password",
    "settings_table",
]  # fmt: skip

PASSWORD = "TWOSIGMA_PASSWORD"  # noqa: S105 -- the name of a variable
_APART = "TWOSIGMA_TEST_"
_FILE = "_FILE"


class Settings(MailSettings, frozen=True, kw_only=True):
    """Every setting, with its default. Times are in seconds."""

    database_url: Annotated[
        Secret | None,
        Meta(description="`sqlite:///PATH` or `postgresql://…`; unset: SQLite in `VAR_DIR`"),
    ] = None
    var_dir: Annotated[str, Meta(description="where 2Sigma keeps its own files")] = "./var"
    sqlite_synchronous: Annotated[
        Literal["NORMAL", "FULL"],
        Meta(
            description="`NORMAL` is safe against a killed process, but a power cut may lose the "
            "last commits; `FULL` waits for the disk"
        ),
    ] = "NORMAL"
    secret_key: Annotated[
        Secret | None,
        Meta(
            description="signs the tokens, at least 32 bytes; unset on a loopback host: made "
            "once and kept in `VAR_DIR`; unset on another host: 2Sigma does not start"
        ),
    ] = None
    bcrypt_cost: Annotated[
        int, Meta(ge=4, le=16, description="rounds of the password hash, as a power of two")
    ] = 12
    minimum_age: Annotated[
        int,
        Meta(
            ge=0, le=120, description="how old learners who tell their birthday must be, in years"
        ),
    ] = 13
    host: Annotated[str, Meta(description="the address to serve on")] = "127.0.0.1"
    port: Annotated[
        int, Meta(ge=0, le=65_535, description="the port to serve on; 0 takes a free one")
    ] = 8_000
    cors_origins: Annotated[
        tuple[str, ...],
        Meta(description="web origins whose pages may call the API, with commas between them"),
    ] = ()
    llm: Annotated[
        Literal["offline", "openai"],
        Meta(
            description="who tutors: `offline` teaches from the course's own data, without a "
            "network; `openai` is any OpenAI-compatible server"
        ),
    ] = "offline"
    model: Annotated[
        str, Meta(description="the model's id where a course names none; needed for `openai`")
    ] = ""
    openai_base_url: Annotated[
        str, Meta(description="the server's address with its `/v1`; needed for `openai`")
    ] = ""
    openai_api_key: Annotated[
        Secret | None, Meta(description="sent to that server; unset: none is sent")
    ] = None
    max_tokens: Annotated[
        int, Meta(ge=1, le=1_000_000, description="how long a model's reply may get, in tokens")
    ] = 2_048
    temperature: Annotated[
        float, Meta(ge=0, le=2, description="how freely a model words its reply")
    ] = 0.3
    first_event_seconds: Annotated[
        Seconds, Meta(description="how long a reply's first piece is waited for")
    ] = 30
    silence_seconds: Annotated[
        Seconds, Meta(description="how long a model may be silent within a reply")
    ] = 30
    turn_seconds: Annotated[Seconds, Meta(description="how long a whole reply may take")] = 120
    keep_alive_seconds: Annotated[
        Seconds, Meta(description="after how long a silence a stream gets a comment line")
    ] = 10
    lease_seconds: Annotated[
        Seconds,
        Meta(description="after how long a session is usable again whose process died in a turn"),
    ] = 30
    drain_seconds: Annotated[
        Seconds, Meta(description="how long running turns may go on when the server stops")
    ] = 20
    cache_prune_days: Annotated[
        int,
        Meta(
            ge=1,
            le=36_500,
            description="cached replies that no lesson can reach any more are deleted when "
            "unused for so many days",
        ),
    ] = 30
    log_format: Annotated[
        Literal["console", "json"], Meta(description="how log lines are written")
    ] = "console"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="the least that is logged")
    ] = "info"

    @property
    def database(self) -> str:
        """The database's URL."""
        if self.database_url is not None:
            return self.database_url.value
        return f"sqlite:///{self.var / 'twosigma.db'}"

    @property
    def var(self) -> Path:
        """The folder of 2Sigma's own files."""
        return Path(self.var_dir)


_HINTS: dict[str, Any] = get_type_hints(Settings, include_extras=True)
_MAIL = MailSettings.__struct_fields__
# A base's fields come first in a Struct; for a reader they come last.
_FIELDS = (*(name for name in Settings.__struct_fields__ if name not in _MAIL), *_MAIL)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of an environment (the process's own, if none is given).

    Raises SettingsError for an unknown variable, a value of another type or out of range, a
    secret's file that cannot be read, and for what the chosen model needs and has not.
    """
    given = os.environ if environ is None else environ
    ours = {name: given[name] for name in sorted(given) if name.startswith(PREFIX)}
    values: dict[str, Any] = {}
    for name, text in ours.items():
        if name == PASSWORD or name.startswith(_APART):
            continue
        field, is_file = _field_of(name)
        if field in values:
            raise SettingsError(f"{PREFIX}{field.upper()} is set twice: itself and as {name}")
        values[field] = _read(name, field, _content(name, text) if is_file else text)
    settings = Settings(**values)
    _require_model(settings)
    require_mail(settings)
    return settings


def password(environ: Mapping[str, str] | None = None) -> str | None:
    """The password that a command is to use; it is no setting, and no argument."""
    return (os.environ if environ is None else environ).get(PASSWORD)


def settings_table() -> str:
    """All settings as a page of Markdown, made from the Struct (`docs/settings.md`)."""
    lines = [
        "# Settings",
        "",
        f"Environment variables with the prefix `{PREFIX}`, read once at the start. One that is "
        "unknown or wrong stops it with a line that names it. A secret may come from a file: "
        f"`{PREFIX}SECRET_KEY{_FILE}=/run/secrets/key` instead of `{PREFIX}SECRET_KEY=…`.",
        "",
        "| Variable | Type | Default | Meaning |",
        "|---|---|---|---|",
    ]
    defaults = Settings()
    for name in _FIELDS:
        shown, note = _type_name(_HINTS[name]), _description(_HINTS[name])
        lines.append(
            f"| `{PREFIX}{name.upper()}` | {shown} | {_default(getattr(defaults, name))} | {note} |"
        )
    lines += [
        "",
        f"Beside these, `{PASSWORD}` gives a password to `twosigma users create` and `twosigma "
        f"chat`, and the test suite has its own, which begin with `{_APART}`.",
        "",
    ]
    return "\n".join(lines)


def _field_of(name: str) -> tuple[str, bool]:
    """The field that a variable sets, and whether its value is a file's name."""
    field = name.removeprefix(PREFIX).lower()
    if name == name.upper():
        if field in _FIELDS:
            return field, False
        plain = field.removesuffix(_FILE.lower())
        if plain != field and plain in _FIELDS and _is_secret(plain):
            return plain, True
    near = get_close_matches(field, _FIELDS, n=1)
    raise SettingsError(
        f"{name} is no setting" + (f"; is it {PREFIX}{near[0].upper()}?" if near else "")
    )


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8", "surrogateescape").rstrip("\r\n")
    except OSError as error:
        raise SettingsError(f"{name}: {path} cannot be read ({error.strerror})") from None


def _read(name: str, field: str, text: str) -> Any:
    kind = _HINTS[field]
    if _is_secret(field):
        return Secret(text)
    if choices := _choices(kind):
        return _choice(name, text, choices)
    if get_origin(_plain(kind)) is tuple:
        return _origins(name, text)
    if _plain(kind) is str:
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
    if settings.llm == "offline":
        return
    for field in ("model", "openai_base_url"):
        if not getattr(settings, field).strip():
            raise SettingsError(f"{PREFIX}{field.upper()} must be set for {PREFIX}LLM=openai")
    parts = urlsplit(settings.openai_base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{PREFIX}OPENAI_BASE_URL must begin with http:// or https://")
    key = settings.openai_api_key.value if settings.openai_api_key is not None else ""
    if not (key.isascii() and (key.isprintable() or not key)):
        raise SettingsError(f"{PREFIX}OPENAI_API_KEY holds characters that no key has")


def _plain(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_secret(field: str) -> bool:
    return Secret in get_args(_plain(_HINTS[field]))


def _choices(kind: Any) -> tuple[str, ...]:
    plain = _plain(kind)
    return get_args(plain) if get_origin(plain) is Literal else ()


def _description(kind: Any) -> str:
    notes = [note.description for note in get_args(kind)[1:] if isinstance(note, Meta)]
    return next(note for note in notes if note)


def _type_name(kind: Any) -> str:
    plain = _plain(kind)
    if choices := _choices(kind):
        return ", ".join(f"`{choice}`" for choice in choices)
    if Secret in get_args(plain):
        return "secret"
    names: dict[Any, str] = {int: "integer", float: "number", str: "text"}
    return names.get(plain, "list")


def _default(value: Any) -> str:
    return "unset" if value in (None, "", ()) else f"`{value}`"
