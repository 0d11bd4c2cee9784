"""Chat prompts: a list of messages, and of placeholders for messages that a caller puts in."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from twosigma.domain import values
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Conflict, Fault, Invalid, Loc
from twosigma.domain.prompt_template import variables_of

MAX_MESSAGES = 200
MAX_ROLE = 50
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,99}")


class ChatMessage(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
    tag_field="type", tag="chatmessage",
):  # fmt: skip
    role: str
    content: str


class Placeholder(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
    tag_field="type", tag="placeholder",
):  # fmt: skip
    """Where a caller puts messages of its own."""

    name: str


Part = ChatMessage | Placeholder


def checked_parts(sent: Sequence[Mapping[str, object]], loc: Loc, maximum: int) -> tuple[Part, ...]:
    """The parts as they are kept: `{role, content}` or `{"type": "placeholder", name}`; other
    keys are dropped. All contents together have at most `maximum` characters. Raises Invalid with
    all faults."""
    if not 1 <= len(sent) <= MAX_MESSAGES:
        kind = "value_error.list.max_items" if sent else "value_error.any_str.min_length"
        raise Invalid([Fault(loc, f"1 to {MAX_MESSAGES} messages", kind)])
    checks = Checks()
    parts: list[Part] = []
    for at, one in enumerate(sent):
        try:
            parts.append(_part(one, (*loc, at)))
        except Invalid as refused:
            checks.add(refused.faults)
    length = sum(len(part.content) for part in parts if isinstance(part, ChatMessage))
    checks.that(
        length <= maximum,
        Fault(loc, f"Must have at most {maximum} characters", values.MAX_LENGTH),
    )
    checks.done()
    return tuple(parts)


def _part(sent: Mapping[str, object], loc: Loc) -> Part:
    if sent.get("type") == "placeholder":
        name = _text(sent, "name", loc)
        if not _NAME.fullmatch(name):
            msg = "A letter, then letters, digits and '_', 100 at most"
            raise Invalid([Fault((*loc, "name"), msg, "value_error.str.regex")])
        return Placeholder(name=name)
    faults = values.all_faults(
        lambda: values.long_text(_text(sent, "role", loc), (*loc, "role"), MAX_ROLE, 1),
        lambda: values.long_text(_text(sent, "content", loc), (*loc, "content"), values.MAX_ID),
    )
    if faults:
        raise Invalid(faults)
    return ChatMessage(role=_text(sent, "role", loc), content=_text(sent, "content", loc))


def _text(sent: Mapping[str, object], key: str, loc: Loc) -> str:
    value = sent.get(key)
    if isinstance(value, str):
        return value
    if key in sent:
        raise Invalid([Fault((*loc, key), "Must be a string", "type_error.str")])
    raise Invalid([Fault((*loc, key), "Field required", "value_error.missing")])


def require_distinct(parts: Sequence[Part]) -> None:
    """Raise Conflict where a variable and a placeholder have one name: whoever fills them in
    could mean either."""
    contents = [part.content for part in parts if isinstance(part, ChatMessage)]
    variables = {name for content in contents for name in variables_of(content)}
    for part in parts:
        if isinstance(part, Placeholder) and part.name in variables:
            raise Conflict(f"{part.name!r} is the name of a variable and of a placeholder")


def as_text(parts: Sequence[Part]) -> str:
    """The parts as lines, to be read and compared by people."""
    return "\n\n".join(
        f"[{part.role}]\n{part.content}" if isinstance(part, ChatMessage) else f"[[{part.name}]]"
        for part in parts
    )
