"""What a content type may say about itself."""

import re

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.domain import values
from twosigma.domain.catalog_rules import sent
from twosigma.domain.checks import Checks
from twosigma.domain.content import ContentType, ContentTypeFields
from twosigma.domain.errors import Loc, invalid

NAME = "[a-z][a-z0-9_]{0,49}"
MAX_DESCRIPTION = 10_000


class ContentTypeChanges(Struct, frozen=True, kw_only=True):
    """What an update says; a field not sent stays."""

    name: str | UnsetType = UNSET
    label: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    is_gradable: bool | UnsetType = UNSET
    prompt_name: str | UnsetType | None = UNSET


def type_name(value: str, loc: Loc) -> str:
    """A type's name, as programs write it: a lower-case letter, then letters, digits and
    underscores; at most 50."""
    if not re.fullmatch(NAME, value):
        raise invalid(loc, f"Must be of the form {NAME}", "value_error.str.regex")
    return value


def checked_type(fields: ContentTypeFields) -> ContentTypeFields:
    """The type with its texts normalised; raises Invalid with all faults."""
    checks = Checks()
    checked = structs.replace(
        fields,
        name=checks.take(fields.name, lambda text: type_name(text, ("body", "name"))),
        label=checks.take(fields.label, lambda text: values.title(text, ("body", "label"), 100)),
        description=checks.take(
            fields.description,
            lambda text: values.long_text(text, ("body", "description"), MAX_DESCRIPTION),
        ),
        prompt_name=checks.maybe(
            fields.prompt_name, lambda text: values.title(text, ("body", "prompt_name"), 255)
        ),
    )
    checks.done()
    return checked


def checked_type_changes(changes: ContentTypeChanges) -> dict[str, object]:
    """The fields that were sent, by name; raises as `checked_type`."""
    named = sent(changes)
    checked = checked_type(structs.replace(ContentTypeFields(name="a", label="-"), **named))
    return {name: getattr(checked, name) for name in named}


def breaks_system_type(before: ContentType, after: ContentType) -> bool:
    """Whether a change takes from a type of the installation's what programs rely on: imports
    and rules of data find it by its name, and that it is gradable hides the keys of its items."""
    return before.is_system and (before.name, before.is_gradable) != (
        after.name,
        after.is_gradable,
    )
