"""All settings as a page of the documentation."""

from typing import Any, get_args

from msgspec import Meta

from twosigma.settings.fields import Secret, Settings
from twosigma.settings.langfuse import PUBLIC_KEY, SECRET_KEY, URL
from twosigma.settings.types import APART, FIELDS, FILE, HINTS, PASSWORD, PREFIX, choices, plain


def settings_table() -> str:
    """All settings as a page of Markdown, made from the Struct (`docs/settings.md`)."""
    lines = [
        "# Settings",
        "",
        f"Environment variables with the prefix `{PREFIX}`, read once at the start. One that is "
        "unknown or wrong stops it with a line that names it. A secret may come from a file: "
        f"`{PREFIX}SECRET_KEY{FILE}=/run/secrets/key` instead of `{PREFIX}SECRET_KEY=…`.",
        "",
        "| Variable | Type | Default | Meaning |",
        "|---|---|---|---|",
    ]
    defaults = Settings()
    for name in FIELDS:
        shown, note = _type_name(HINTS[name]), _description(HINTS[name])
        lines.append(
            f"| `{PREFIX}{name.upper()}` | {shown} | {_default(getattr(defaults, name))} | {note} |"
        )
    lines += [
        "",
        f"Beside these, `{PASSWORD}` gives a password to `twosigma users create` and `twosigma "
        f"chat`, and the test suite has its own, which begin with `{APART}`. `twosigma prompts "
        f"pull` reads `{URL}`, `{PUBLIC_KEY}` and `{SECRET_KEY}`, as Langfuse's SDKs do.",
        "",
    ]
    return "\n".join(lines)


def _description(kind: Any) -> str:
    notes = [note.description for note in get_args(kind)[1:] if isinstance(note, Meta)]
    return next(note for note in notes if note)


def _type_name(kind: Any) -> str:
    bare = plain(kind)
    if listed := choices(kind):
        return ", ".join(f"`{choice}`" for choice in listed)
    if Secret in get_args(bare):
        return "secret"
    names: dict[Any, str] = {int: "integer", float: "number", str: "text"}
    return names.get(bare, "list")


def _default(value: Any) -> str:
    return "unset" if value in (None, "", ()) else f"`{value}`"
