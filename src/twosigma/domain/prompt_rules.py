"""What an author may put into a prompt, and what a change of labels must leave whole."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from twosigma.domain import values
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Conflict, Fault, Forbidden
from twosigma.domain.prompt_refs import Ref, refs_of
from twosigma.domain.prompt_resolution import Unresolvable, resolve
from twosigma.domain.prompts import (
    LATEST,
    NewPromptVersion,
    PromptVersion,
    label_faults,
    name_faults,
    tag_faults,
    without_repeats,
)

MAX_PROMPT = 100_000
MAX_CONFIG_BYTES = 64 * 1024


class LabelMove(Struct, frozen=True, kw_only=True):
    """Which labels a write puts on a version, and which it takes away."""

    added: frozenset[str]
    removed: frozenset[str]


def checked_prompt(prompt: NewPromptVersion) -> NewPromptVersion:
    """The prompt with its name trimmed and `latest` left out; raises Invalid with all faults."""
    checks = Checks()
    name = prompt.name.strip()
    checks.add(name_faults(name, ("body", "name")))
    checks.take(
        prompt.prompt, lambda text: values.long_text(text, ("body", "prompt"), MAX_PROMPT, 1)
    )
    checks.add(_config_faults(prompt.config))
    checks.add(label_faults(prompt.labels, ("body", "labels")))
    checks.add(tag_faults(prompt.tags or (), ("body", "tags")))
    for at, tag in enumerate(prompt.tags or ()):
        checks.that(
            not values.has_bad_text(tag),
            Fault(("body", "tags", at), "Must not hold NUL or lone surrogates", "value_error"),
        )
    checks.maybe(
        prompt.commit_message,
        lambda text: values.long_text(text, ("body", "commit_message"), 500),
    )
    checks.done()
    labels = tuple(label for label in without_repeats(prompt.labels) if label != LATEST)
    tags = None if prompt.tags is None else without_repeats(prompt.tags)
    return structs.replace(prompt, name=name, labels=labels, tags=tags)


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


def require_whole(versions: Sequence[PromptVersion]) -> None:
    """Raise Conflict where a stored version no longer resolves, naming it.

    `versions` is every version as it would stand after the change.
    """
    found: dict[Ref, PromptVersion] = {}
    newest: dict[str, PromptVersion] = {}
    for one in versions:
        found[Ref(name=one.name, version=one.version)] = one
        found |= {Ref(name=one.name, label=label): one for label in one.labels}
        if one.name not in newest or newest[one.name].version < one.version:
            newest[one.name] = one
    found |= {Ref(name=name, label=LATEST): one for name, one in newest.items()}
    for one in versions:
        if not refs_of(one.prompt):
            continue
        try:
            resolve(one, found)
        except Unresolvable as broken:
            raise Conflict(
                f"This would break {one.name!r} version {one.version}: {broken.detail}",
                code=broken.code,
            ) from broken
