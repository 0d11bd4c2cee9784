"""What an author may put into a prompt, and who may put which label."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from twosigma.domain import values
from twosigma.domain.chat_prompts import checked_parts
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Conflict, Fault, Forbidden, Invalid
from twosigma.domain.prompts import (
    CHAT,
    LATEST,
    NewPromptVersion,
    label_faults,
    name_faults,
    tag_faults,
    without_latest,
    without_repeats,
)

MAX_PROMPT = 100_000
MAX_CONFIG_BYTES = 64 * 1024


class LabelMove(Struct, frozen=True, kw_only=True):
    """Which labels a write puts on a version, and which it takes away."""

    added: frozenset[str]
    removed: frozenset[str]


def checked_prompt(
    prompt: NewPromptVersion, sent: Sequence[Mapping[str, object]] | None = None
) -> NewPromptVersion:
    """The prompt with its name trimmed and `latest` left out; raises Invalid with all faults.

    `sent`: the messages of a chat prompt as they came; None where a text came.
    """
    checks = Checks()
    name = prompt.name.strip()
    checks.add(name_faults(name, ("body", "name")))
    prompt = checks.take(prompt, lambda one: _with_body(one, sent))
    checks.add(_config_faults(prompt.config))
    checks.add(label_faults(prompt.labels, ("body", "labels")))
    checks.add(_tag_faults(prompt.tags or ()))
    checks.maybe(
        prompt.commit_message,
        lambda text: values.long_text(text, ("body", "commit_message"), 500),
    )
    checks.done()
    labels = without_latest(without_repeats(prompt.labels))
    tags = None if prompt.tags is None else without_repeats(prompt.tags)
    return structs.replace(prompt, name=name, labels=labels, tags=tags)


def _with_body(
    prompt: NewPromptVersion, sent: Sequence[Mapping[str, object]] | None
) -> NewPromptVersion:
    """The prompt with what it says, of the form that its type has."""
    loc = ("body", "prompt")
    if prompt.type == CHAT:
        if sent is None:
            raise Invalid([Fault(loc, "A chat prompt is a list of messages", "type_error.list")])
        return structs.replace(prompt, messages=checked_parts(sent, loc, MAX_PROMPT))
    if sent is not None:
        raise Invalid([Fault(loc, "A text prompt is a string", "type_error.str")])
    values.long_text(prompt.prompt, loc, MAX_PROMPT, 1)
    return prompt


def _tag_faults(tags: Sequence[str]) -> list[Fault]:
    loc, text = ("body", "tags"), "Must not hold NUL or lone surrogates"
    bad = [at for at, tag in enumerate(tags) if values.has_bad_text(tag)]
    return tag_faults(tags, loc) + [Fault((*loc, at), text, "value_error") for at in bad]


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags to set, each once; raises Invalid for their form."""
    checks = Checks()
    checks.add(_tag_faults(tags))
    checks.done()
    return without_repeats(tags)


def _config_faults(config: Mapping[str, object]) -> list[Fault]:
    loc = ("body", "config")
    if values.has_bad_text(config):
        text = "Must not hold NUL or lone surrogates, nor nest deeper than 32"
        return [Fault(loc, text, "value_error")]
    size = values.json_size(config)
    if size is None:
        return [Fault(loc, "Must not hold integers of more than 4300 digits", "value_error")]
    if size > MAX_CONFIG_BYTES:
        return [Fault(loc, "At most 64 KiB", "value_error.any_str.max_length")]
    return []


def checked_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels to set, each once; raises Invalid for their form."""
    checks = Checks()
    checks.add(label_faults(labels, ("body", "labels")))
    checks.done()
    return without_repeats(labels)


def require_without_latest(labels: Sequence[str]) -> None:
    """Raise Conflict where `latest`, which nobody sets, is among the labels."""
    if LATEST in labels:
        raise Conflict("The label 'latest' is always on the newest version; it cannot be set")


def require_unprotected(
    move: LabelMove, protected: Sequence[str], *, is_new_name: bool, is_admin: bool
) -> None:
    """Raise Forbidden where a protected label is put on, moved or taken away by less than an
    admin; anyone may put one on version 1 of a new name."""
    if is_admin or is_new_name:
        return
    touched = sorted((move.added | move.removed) & set(protected))
    if touched:
        raise Forbidden(f"Only a platform admin may change the label {touched[0]!r}")
