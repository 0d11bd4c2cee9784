"""Prompt versions for tests, and what a resolution may find of them."""

from datetime import UTC, datetime
from string import ascii_letters, digits

from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.chat_prompts import ChatMessage, Placeholder
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.domain.prompts import RESERVED_NAMES, PromptVersion, name_faults

NOW = datetime(2026, 3, 1, tzinfo=UTC)

CHARS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(CHARS, min_size=1, max_size=40).filter(lambda text: text.strip() != "")
ODD = st.sampled_from(["---\n", "\n---\n", "\r\n", "{{x}}", "\u2028", "\x85", "...", "\n", "a"])
BODIES = TEXTS | st.lists(ODD, max_size=6).map("".join).map(lambda text: f"{text}!\n")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(CHARS, max_size=9)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(CHARS, max_size=9), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
NAMES = st.text(st.sampled_from("aAbé.~ %:\\md_") | CHARS, min_size=1, max_size=255)
FREE_NAMES = st.lists(NAMES, min_size=1, max_size=4).map("/".join).map(str.strip)
GOOD_NAMES = FREE_NAMES.filter(
    lambda name: name not in RESERVED_NAMES and not name_faults(name, ())
)
# Not `from_regex`: in a new checkout its first draw takes seconds, and fails a health check.
IDENTIFIERS = st.builds(
    str.__add__,
    st.sampled_from(ascii_letters),
    st.text(st.sampled_from(f"{ascii_letters}{digits}_"), max_size=9),
)
PARTS = st.lists(
    st.builds(ChatMessage, role=TEXTS, content=BODIES.map(lambda text: text.replace("{", "")))
    | st.builds(Placeholder, name=IDENTIFIERS),
    min_size=1, max_size=4,
)  # fmt: skip


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


@st.composite
def versions(draw: st.DrawFn) -> PromptVersion:
    """Any version that there may be."""
    is_chat = draw(st.booleans())
    made = version(draw(GOOD_NAMES), draw(BODIES), draw(st.integers(1, 999_999)))
    return structs.replace(
        made,
        type="chat" if is_chat else "text",
        prompt="" if is_chat else made.prompt,
        messages=tuple(draw(PARTS)) if is_chat else (),
        config=draw(st.dictionaries(st.text(CHARS, max_size=9), JSON, max_size=4)),
        labels=draw(st.sampled_from([(), ("latest",), ("a.b", "production", "latest")])),
        tags=tuple(draw(st.lists(TEXTS, max_size=3, unique=True))),
        commit_message=draw(st.none() | st.text(CHARS, max_size=40)),
    )
