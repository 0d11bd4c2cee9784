"""What an author may put into a content item's data."""

from collections.abc import Mapping

from twosigma.domain.content import ContentTypeFields
from twosigma.domain.errors import Fault, Loc
from twosigma.domain.quiz import author_faults, lab_faults, quiz_faults
from twosigma.domain.values import has_bad_text, json_size

MAX_DATA_BYTES = 256 * 1024
LOC: Loc = ("body", "data_json")


def data_faults(kind: ContentTypeFields, data: Mapping[str, object]) -> tuple[Fault, ...]:
    """All that is wrong with an item's data: its size, its texts, and the shape of its kind."""
    if has_bad_text(data):
        text = "Must not hold NUL or lone surrogates, nor nest deeper than 32"
        return (Fault(LOC, text, "value_error"),)
    size = json_size(data)
    if size is None:
        return (Fault(LOC, "Must not hold integers of more than 4300 digits", "value_error"),)
    if size > MAX_DATA_BYTES:
        return (Fault(LOC, "At most 256 KiB", "value_error.any_str.max_length"),)
    if kind.name == "quiz":
        return quiz_faults(data, LOC)
    if kind.name == "lab":
        return lab_faults(data, LOC)
    return author_faults(data, LOC)
