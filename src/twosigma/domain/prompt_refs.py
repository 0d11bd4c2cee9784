"""Reference tags in a prompt's text: `@@@langfusePrompt:name=N|label=L@@@` or `|version=V`.

The grammar is Langfuse's, but for its faults: a value may hold `=`, quotes and backslashes.
What is not exactly of this form stays text.
"""

import re
from collections.abc import Callable

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


def refs_of(text: str) -> tuple[Ref, ...]:
    """The references in a text, in its order, each once."""
    found = (parse_body(match.group(1)) for match in _TAG.finditer(text))
    return tuple(dict.fromkeys(ref for ref in found if ref is not None))


def replace_refs(text: str, insert: Callable[[Ref], str]) -> str:
    """The text with each reference replaced, literally and in one pass."""

    def put(match: re.Match[str]) -> str:
        ref = parse_body(match.group(1))
        return match.group(0) if ref is None else insert(ref)

    return _TAG.sub(put, text)


def tag_of(ref: Ref) -> str:
    """The tag that names this reference."""
    by = f"version={ref.version}" if ref.version is not None else f"label={ref.label}"
    return f"@@@langfusePrompt:name={ref.name}|{by}@@@"
