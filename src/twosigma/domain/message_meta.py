"""What is noted beside a message, and who is told of it."""

from collections.abc import Mapping

from msgspec import structs

from twosigma.domain.chat import Message
from twosigma.domain.llm import Usage

TOLD = frozenset({"source", "cache_node_id", "stop_reason", "history_cut", "graded"})
"""What a learner is told; anything else is for admins only."""


def origin(model: str, prompt_name: str, prompt_version: int, usage: Usage) -> dict[str, object]:
    """What is noted beside a model's reply: what it cost this turn, and what made it."""
    return {
        "tokens": structs.asdict(usage),
        "model": model,
        "prompt_name": prompt_name,
        "prompt_version": prompt_version,
    }


def as_told(message: Message) -> Message:
    """The message as its learner sees it."""
    if message.meta.keys() <= TOLD:
        return message
    return structs.replace(message, meta=_only(message.meta))


def as_audited(message: Message) -> Message:
    """The message as an admin sees it: a reply from the cache has cost nothing, which the hit
    path does not spend a word on."""
    if message.meta.get("source") != "cache":
        return message
    return structs.replace(message, meta={**message.meta, "tokens": structs.asdict(Usage())})


def _only(meta: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in meta.items() if name in TOLD}
