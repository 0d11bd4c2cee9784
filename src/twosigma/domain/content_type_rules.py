"""What a content type may say about itself."""

import re
from collections.abc import Iterable, Mapping

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.domain import values
from twosigma.domain.catalog_rules import sent
from twosigma.domain.checks import Checks
from twosigma.domain.content import ContentType, ContentTypeFields, canonical_data
from twosigma.domain.errors import Fault, Loc, invalid

NAME = "[a-z][a-z0-9_]{0,49}"
MAX_DESCRIPTION = 10_000


class ContentTypeChanges(Struct, frozen=True, kw_only=True):
    """What an update says; a field not sent stays."""

    name: str | UnsetType = UNSET
    label: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    is_gradable: bool | UnsetType = UNSET
    prompt_name: str | UnsetType | None = UNSET
    json_schema: Mapping[str, object] | UnsetType | None = UNSET


def type_name(value: str, loc: Loc) -> str:
    """A type's name, as programs write it: a lower-case letter, then letters, digits and
    underscores; at most 50."""
    if not re.fullmatch(NAME, value):
        raise invalid(loc, f"Must be of the form {NAME}", "value_error.str.regex")
    return value


def checked_type(
    fields: ContentTypeFields, schema_faults: Iterable[Fault] = ()
) -> ContentTypeFields:
    """The type with its texts normalised; raises Invalid with all faults, those of its schema
    too."""
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
    checks.add(schema_faults)
    checks.done()
    return checked


def checked_type_changes(
    changes: ContentTypeChanges, schema_faults: Iterable[Fault] = ()
) -> dict[str, object]:
    """The fields that were sent, by name; raises as `checked_type`."""
    named = sent(changes)
    known = structs.replace(ContentTypeFields(name="a", label="-"), **named)
    checked = checked_type(known, schema_faults)
    return {name: getattr(checked, name) for name in named}


def changes_type(before: ContentType, after: ContentType) -> bool:
    """Whether there is a difference. Two schemas are compared as JSON, where 1 and true differ."""
    schemas = (canonical_data(before.json_schema), canonical_data(after.json_schema))
    return before != after or schemas[0] != schemas[1]


def breaks_system_type(before: ContentType, after: ContentType) -> bool:
    """Whether a change takes from a type of the installation's what programs rely on: imports
    and rules of data find it by its name, and that it is gradable hides the keys of its items."""
    return before.is_system and (before.name, before.is_gradable) != (
        after.name,
        after.is_gradable,
    )
