"""Content: the kinds of learning material, and the items of a module."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from twosigma.domain.catalog import Provenance
from twosigma.domain.quiz import hide_keys


class ContentTypeFields(Struct, frozen=True, kw_only=True):
    """`json_schema`: what the data of its items must fit when it is written."""

    name: str
    label: str
    description: str = ""
    is_gradable: bool = False
    prompt_name: str | None = None
    is_system: bool = False
    json_schema: Mapping[str, object] | None = None


class ContentType(ContentTypeFields, frozen=True, kw_only=True):
    id: int


SYSTEM_TYPES = (
    ContentTypeFields(name="video", label="Video", is_system=True, prompt_name="Tutor/Video"),
    ContentTypeFields(name="text", label="Text", is_system=True, prompt_name="Tutor/Text"),
    ContentTypeFields(
        name="quiz", label="Quiz", is_gradable=True, is_system=True, prompt_name="Tutor/Quiz"
    ),
    ContentTypeFields(
        name="lab", label="Lab", is_gradable=True, is_system=True, prompt_name="Tutor/Lab"
    ),
    ContentTypeFields(name="link", label="Link", is_system=True),
    ContentTypeFields(name="file", label="File", is_system=True),
    ContentTypeFields(name="audio", label="Audio", is_system=True),
)
"""The kinds that every installation has; the prompts come with it too (`tutor_prompts`)."""


class ItemFields(Struct, frozen=True, kw_only=True):
    course_id: int
    module_id: int
    content_type_id: int
    title: str
    description: str = ""
    data_json: Mapping[str, object] = {}
    sequence_index: int = 0
    estimated_duration_seconds: int | None = None
    prompt_name: str | None = None
    is_archived: bool = False


class Item(ItemFields, frozen=True, kw_only=True):
    """A content item. `revision` begins at 1 and rises with each change of `data_json`."""

    id: int
    revision: int = 1
    provenance: Provenance | None = None
    created_at: datetime
    updated_at: datetime


# gc=False: of a hundred thousand of these the collector would look at each, again and again.
class ItemSummary(Struct, frozen=True, kw_only=True, gc=False):
    """An item as an outline shows it: without its data."""

    id: int
    module_id: int
    content_type_id: int
    title: str
    sequence_index: int = 0
    estimated_duration_seconds: int | None = None
    is_archived: bool = False


def items_order(item: Item | ItemSummary) -> tuple[int, int]:
    """Sort key within a module."""
    return (item.sequence_index, item.id)


def canonical_data(data: Mapping[str, object] | None) -> bytes:
    """A JSON object, to be compared: order of keys is no matter, while 1 and true differ."""
    return msgspec.json.encode(data, order="sorted")


def learning_text(data: Mapping[str, object]) -> str:
    """The text a tutor teaches from: a text's body, a recording's transcript, a lab's task."""
    for key in ("body", "transcript", "instructions"):
        value = data.get(key)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def shown_data(item: ItemFields, kind: ContentTypeFields, *, with_keys: bool) -> dict[str, object]:
    """The item's data as a reader may see it: answer keys for staff only."""
    if with_keys:
        return dict(item.data_json)
    return hide_keys(kind.is_gradable, item.data_json)
