"""What a text would become: its dependencies inlined, its variables filled."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct, structs

from twosigma.domain import values
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Conflict, Fault
from twosigma.domain.prompt_resolution import MAX_RESOLVED_BYTES
from twosigma.domain.prompt_rules import MAX_PROMPT
from twosigma.domain.prompt_template import Value, fill, filled_length, variables_of
from twosigma.domain.prompts import TEXT, PromptVersion

MAX_VARIABLES = 100
_NOBODY = PromptVersion(
    id=0, name="", version=0, type=TEXT, prompt="", config={}, labels=(), tags=(),
    commit_message=None, created_by="", created_at=datetime.min.replace(tzinfo=UTC),
    updated_at=datetime.min.replace(tzinfo=UTC),
)  # fmt: skip


class Preview(Struct, frozen=True, kw_only=True):
    """`used`: all variables that the resolved text names, in order of first use; `missing`: those
    that were given no value; `unused`: those given that it does not name."""

    text: str
    used: tuple[str, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...]


def unsaved(text: str) -> PromptVersion:
    """A text as a version of no name, to be resolved: no version has its id or its name."""
    return structs.replace(_NOBODY, prompt=text)


def checked_preview(text: str, variables: Mapping[str, Value]) -> None:
    """Raise Invalid, with all faults, for a text or values that no prompt could have."""
    checks = Checks()
    checks.take(text, lambda one: values.long_text(one, ("body", "prompt_text"), MAX_PROMPT, 1))
    loc = ("body", "variables")
    checks.that(
        not values.has_bad_text(variables),
        Fault(loc, "Must not hold NUL or lone surrogates", "value_error"),
    )
    checks.that(
        len(variables) <= MAX_VARIABLES,
        Fault(loc, f"At most {MAX_VARIABLES} variables", "value_error.list.max_items"),
    )
    checks.done()


def preview(resolved: str, variables: Mapping[str, Value]) -> Preview:
    """The resolved text with its variables filled. Raises Conflict where it would be too long."""
    if filled_length(resolved, variables) > MAX_RESOLVED_BYTES:
        raise Conflict("The rendered text is too long")
    used = variables_of(resolved)
    return Preview(
        text=fill(resolved, variables),
        used=used,
        missing=tuple(name for name in used if name not in variables),
        unused=tuple(name for name in variables if name not in used),
    )
