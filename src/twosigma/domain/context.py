"""What is sent to the model besides the messages: its fingerprint, and the stamp of its reading.

The fingerprint is SHA-256 over a canonical encoding of the whole context. Two learners whose
contexts have one fingerprint may share replies; nothing of a learner is in a context, or the
prompt names a personal variable and the cache is off for the session.
"""

import hashlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from twosigma.domain.llm import Context

PERSONAL_VARIABLES = frozenset({"user_name", "time_zone"})

PARTS = ("content_item", "content", "prompt_version", "prompt", "material", "model", "locale")
"""The parts of a context, in the order in which a change of several is told."""

_encoder = msgspec.json.Encoder(order="sorted")


class Stamp(Struct, frozen=True, kw_only=True):
    """Under which state of the world a context was read: both epochs, and a digest of the
    process's own model settings. Equal stamps mean equal contexts of the same session."""

    platform: int
    course: int
    settings: str


def settings_digest(
    model_default: str, parameters: Mapping[str, str | int | float], extra: str = ""
) -> str:
    """A short digest of what a process itself puts into every context."""
    plain = _encoder.encode([model_default, dict(parameters), extra])
    return hashlib.sha256(plain).hexdigest()[:32]


def part_digests(context: Context) -> dict[str, str]:
    """The digest of each part of a context, to tell later which of them changed."""
    parts: dict[str, object] = {
        "content_item": context.content_item_id,
        "content": context.content_revision,
        "prompt_version": context.prompt_version_id,
        "prompt": context.system,
        "material": context.material,
        "model": [context.model, dict(context.parameters)],
        "locale": context.locale,
    }
    return {name: hashlib.sha256(_encoder.encode(parts[name])).hexdigest()[:16] for name in PARTS}


def fingerprint(context: Context) -> bytes:
    """The 32 bytes by which the tree of this context is known."""
    return hashlib.sha256(_encoder.encode(context)).digest()


def changed_parts(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Which parts differ, for people; a version that changed names itself, not its text too."""
    names = [name for name in PARTS if before.get(name) != now.get(name)]
    if "prompt_version" in names and "prompt" in names:
        names.remove("prompt")
    if "content" in names and "material" in names:
        names.remove("material")
    return tuple(names)


def personal_variables(variables: tuple[str, ...]) -> tuple[str, ...]:
    """Those of a prompt's variables that would put the learner into the context."""
    return tuple(name for name in variables if name in PERSONAL_VARIABLES)
