"""Reference tags in a prompt's text: `@@@langfusePrompt:name=N|label=L@@@` or `|version=V`.

The grammar is Langfuse's, but for its faults: a value may hold `=`, quotes and backslashes.
What is not exactly of this form stays text.
"""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

# The body is matched lazily over line ends: an unclosed tag takes the opening of the next.
_TAG = re.compile(r"@@@langfusePrompt:(.*?)@@@", re.DOTALL)
_VERSION = re.compile(r"[1-9][0-9]{0,17}")


class Ref(Struct, frozen=True, kw_only=True):
    """Which version of which prompt: by number or by label, never both."""

    name: str
    version: int | None = None
    label: str | None = None

    def __str__(self) -> str:
        by = f"version {self.version}" if self.version is not None else f"label {self.label!r}"
        return f"{self.name!r} ({by})"


def parse_body(body: str) -> Ref | None:
    """The reference that a tag's body makes; None for a malformed one."""
    parts = body.split("|")
    if len(parts) != 2 or not parts[0].startswith("name="):
        return None
    name = parts[0].removeprefix("name=")
    key, _, value = parts[1].partition("=")
    if not name or not value:
        return None
    if key == "label":
        return Ref(name=name, label=value)
    if key == "version" and _VERSION.fullmatch(value):
        return Ref(name=name, version=int(value))
    return None


def pieces_of(text: str) -> tuple[str | Ref, ...]:
    """A text taken apart, in one pass: what stands between its references, and these."""
    parts = _TAG.split(text)
    pieces: list[str | Ref] = [*parts]
    for at in range(1, len(parts), 2):
        ref = parse_body(parts[at])
        pieces[at] = f"@@@langfusePrompt:{parts[at]}@@@" if ref is None else ref
    return tuple(pieces)


def joined(pieces: Iterable[str | Ref], inserted: Mapping[Ref, str]) -> str:
    """A text put together again, with this text in the place of each reference, literally."""
    return "".join(piece if isinstance(piece, str) else inserted[piece] for piece in pieces)


def refs_of(text: str) -> tuple[Ref, ...]:
    """The references in a text, in its order, each once."""
    return refs_among(pieces_of(text))


def refs_among(pieces: Iterable[str | Ref]) -> tuple[Ref, ...]:
    """The references among pieces, in their order, each once."""
    return tuple(dict.fromkeys(piece for piece in pieces if isinstance(piece, Ref)))


def tag_of(ref: Ref) -> str:
    """The tag that names this reference."""
    by = f"version={ref.version}" if ref.version is not None else f"label={ref.label}"
    return f"@@@langfusePrompt:name={ref.name}|{by}@@@"
