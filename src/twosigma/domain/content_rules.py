"""What an author may put into a content item."""

from collections.abc import Iterable, Mapping

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.domain import values
from twosigma.domain.catalog_rules import sent
from twosigma.domain.checks import Checks
from twosigma.domain.content import ContentTypeFields, Item, ItemFields, canonical_data
from twosigma.domain.content_shapes import shape_faults
from twosigma.domain.errors import Fault, Loc
from twosigma.domain.ordering import index_fault
from twosigma.domain.quiz import author_faults, lab_faults, quiz_faults
from twosigma.domain.values import has_bad_text, json_size

MAX_DATA_BYTES = 256 * 1024
MAX_DESCRIPTION = 10_000
MAX_SECONDS = 604_800
LOC: Loc = ("body", "data_json")


class ItemChanges(Struct, frozen=True, kw_only=True):
    """What an update says; a field not sent stays. Another module is a move."""

    module_id: int | UnsetType = UNSET
    content_type_id: int | UnsetType = UNSET
    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    data_json: Mapping[str, object] | UnsetType = UNSET
    sequence_index: int | UnsetType = UNSET
    estimated_duration_seconds: int | UnsetType | None = UNSET
    prompt_name: str | UnsetType | None = UNSET
    is_archived: bool | UnsetType = UNSET


def checked_item(item: ItemFields, data_faults: Iterable[Fault] = ()) -> ItemFields:
    """The item with its texts normalised; raises Invalid with all faults, those of its data
    too."""
    checks = Checks()
    checks.add(index_fault(item.sequence_index))
    seconds = item.estimated_duration_seconds
    checks.that(
        seconds is None or 0 <= seconds <= MAX_SECONDS,
        Fault(
            ("body", "estimated_duration_seconds"),
            f"Must be between 0 and {MAX_SECONDS}",
            "value_error.number.not_le",
        ),
    )
    checked = structs.replace(
        item,
        title=checks.take(item.title, lambda text: values.title(text, ("body", "title"))),
        description=checks.take(
            item.description,
            lambda text: values.long_text(text, ("body", "description"), MAX_DESCRIPTION),
        ),
        prompt_name=checks.maybe(
            item.prompt_name, lambda text: values.title(text, ("body", "prompt_name"), 255)
        ),
    )
    checks.add(data_faults)
    checks.done()
    return checked


def checked_item_changes(
    changes: ItemChanges, data_faults: Iterable[Fault] = ()
) -> dict[str, object]:
    """The fields that were sent, by name; raises as `checked_item`."""
    named = sent(changes)
    known = ItemFields(course_id=1, module_id=1, content_type_id=1, title="-")
    checked = checked_item(structs.replace(known, **named), data_faults)
    return {name: getattr(checked, name) for name in named}


def changed_item(before: Item, named: Mapping[str, object]) -> Item:
    """The item with these fields. Its revision rises where its data is another value, and data
    of the same value stays as it was written."""
    after = structs.replace(before, **named)
    if canonical_data(after.data_json) == canonical_data(before.data_json):
        return structs.replace(after, data_json=before.data_json)
    return structs.replace(after, revision=before.revision + 1)


def unstorable_faults(data: Mapping[str, object]) -> tuple[Fault, ...]:
    """Why data cannot be stored, whatever its kind: its texts, its numbers, its size."""
    if has_bad_text(data):
        text = "Must not hold NUL or lone surrogates, nor nest deeper than 32"
        return (Fault(LOC, text, "value_error"),)
    size = json_size(data)
    if size is None:
        return (Fault(LOC, "Must not hold integers of more than 4300 digits", "value_error"),)
    if size > MAX_DATA_BYTES:
        return (Fault(LOC, "At most 256 KiB", "value_error.any_str.max_length"),)
    return ()


def data_faults(kind: ContentTypeFields, data: Mapping[str, object]) -> tuple[Fault, ...]:
    """What is wrong with data that can be stored: it has not the shape of its kind."""
    if kind.name == "quiz":
        return quiz_faults(data, LOC)
    if kind.name == "lab":
        return lab_faults(data, LOC)
    return (*author_faults(data, LOC), *shape_faults(kind.name, data, LOC))
