"""Prompt versions for tests, and what a resolution may find of them."""

from datetime import UTC, datetime

from twosigma.domain.chat_prompts import ChatMessage
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.domain.prompts import PromptVersion

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def version(
    name: str, text: str = "", number: int = 1, *, labels: tuple[str, ...] = (), kind: str = "text"
) -> PromptVersion:
    """A version, of a chat with one message; its id is a function of name and number."""
    is_chat = kind == "chat"
    return PromptVersion(
        id=sum(ord(char) * 1000**at for at, char in enumerate(name)) * 100 + number, name=name,
        version=number, type=kind, prompt="" if is_chat else text,
        messages=(ChatMessage(role="user", content=text),) if is_chat else (), config={},
        labels=labels, tags=(), commit_message=None, created_by="1", created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def use(name: str, number: int = 1) -> str:
    """The tag that pins a version."""
    return tag_of(Ref(name=name, version=number))


def use_label(name: str, label: str) -> str:
    """The tag that follows a label."""
    return tag_of(Ref(name=name, label=label))


def found_in(versions: list[PromptVersion]) -> dict[Ref, PromptVersion]:
    """All that references can name among these."""
    found = {Ref(name=one.name, version=one.version): one for one in versions}
    for one in versions:
        found |= {Ref(name=one.name, label=label): one for label in one.labels}
    return found
