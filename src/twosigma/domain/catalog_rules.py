"""What a course and an offering may say about themselves."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.domain import values
from twosigma.domain.catalog import CourseFields, Level, Offering, OfferingFields, Visibility
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Fault, Loc

MAX_DESCRIPTION = 10_000
MAX_LOCALES = 20
_ORDER = (
    ("starts_at", "ends_at", False),
    ("enrollment_start", "enrollment_end", False),
    ("enrollment_end", "ends_at", True),
)
"""Earlier, later, and whether they may be the same."""

O = TypeVar("O", bound=OfferingFields)  # noqa: E741 -- of an offering, or its fields


class CourseChanges(Struct, frozen=True, kw_only=True):
    """What an update says; a field not sent stays."""

    title: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    credit_hours: int | UnsetType | None = UNSET
    university_id: int | UnsetType = UNSET
    department_id: int | UnsetType | None = UNSET
    primary_subject_id: int | UnsetType | None = UNSET
    is_published: bool | UnsetType = UNSET
    is_open: bool | UnsetType = UNSET
    cache_enabled: bool | UnsetType = UNSET
    locales: tuple[str, ...] | UnsetType = UNSET
    llm_model: str | UnsetType | None = UNSET
    prompt_name: str | UnsetType | None = UNSET
    prompt_label: str | UnsetType = UNSET
    license: str | UnsetType | None = UNSET
    attribution: str | UnsetType | None = UNSET


def sent(changes: Struct) -> dict[str, object]:
    """The fields that were sent, by name."""
    fields = structs.asdict(changes)
    return {name: value for name, value in fields.items() if value is not UNSET}


def checked_course(course: CourseFields) -> CourseFields:
    """The course with its texts normalised; raises Invalid with all faults."""
    checks = Checks()
    hours = course.credit_hours
    checks.that(
        hours is None or 0 <= hours <= 30,
        Fault(("body", "credit_hours"), "Must be between 0 and 30", "value_error.number.not_le"),
    )
    checks.that(
        1 <= len(course.locales) <= MAX_LOCALES,
        Fault(("body", "locales"), "Needs 1 to 20 locales", "value_error.list.max_items"),
    )
    checked = structs.replace(
        course,
        title=checks.take(course.title, _titled("title", 200)),
        code=checks.take(course.code, _titled("code", 32)),
        description=checks.take(course.description, _long("description", MAX_DESCRIPTION)),
        locales=tuple(
            checks.take(tag, _locale(("body", "locales", at)))
            for at, tag in enumerate(course.locales)
        ),
        llm_model=checks.maybe(course.llm_model, _titled("llm_model", 200)),
        prompt_name=checks.maybe(course.prompt_name, _titled("prompt_name", 255)),
        prompt_label=checks.take(course.prompt_label, _titled("prompt_label", 36)),
        license=checks.maybe(course.license, _long("license", 2_000)),
        attribution=checks.maybe(course.attribution, _long("attribution", 2_000)),
    )
    checks.done()
    return structs.replace(checked, locales=tuple(dict.fromkeys(checked.locales)))


def checked_changes(changes: CourseChanges) -> dict[str, object]:
    """The fields that were sent, by name, with their texts normalised; raises Invalid with all
    faults. Fields that were not sent are not looked at: an imported course may have any."""
    named = sent(changes)
    known = CourseFields(title="-", code="-", university_id=1)
    checked = checked_course(structs.replace(known, **named))
    return {name: getattr(checked, name) for name in named}


class OfferingChanges(Struct, frozen=True, kw_only=True):
    """What an update says; a field not sent stays."""

    term_name: str | UnsetType = UNSET
    starts_at: datetime | UnsetType | None = UNSET
    ends_at: datetime | UnsetType | None = UNSET
    enrollment_start: datetime | UnsetType | None = UNSET
    enrollment_end: datetime | UnsetType | None = UNSET
    visibility: Visibility | UnsetType = UNSET
    capacity: int | UnsetType | None = UNSET


def checked_offering(offering: OfferingFields) -> OfferingFields:
    """The offering with its name normalised; raises Invalid with all faults."""
    return _checked_offering(offering, OfferingFields.__struct_fields__)


def changed_offering(before: Offering, changes: OfferingChanges) -> Offering:
    """The offering with what was sent; raises Invalid with all faults of the two together. Times
    that were not sent are compared with those that were, and with no other."""
    named = sent(changes)
    return _checked_offering(structs.replace(before, **named), named)


def _checked_offering(offering: O, named: Collection[str]) -> O:
    checks = Checks()
    checked = structs.replace(
        offering, term_name=checks.take(offering.term_name, _titled("term_name", 100))
    )
    checks.that(
        offering.capacity is None or offering.capacity >= 1,
        Fault(("body", "capacity"), "Must be at least 1", "value_error.number.not_ge"),
    )
    checks.add(
        fault for pair in _ORDER if (fault := _order_fault(offering, named, *pair)) is not None
    )
    checks.done()
    return checked


def _order_fault(
    offering: OfferingFields,
    named: Collection[str],
    earlier: str,
    later: str,
    may_equal: bool,  # noqa: FBT001 -- a row of _ORDER
) -> Fault | None:
    """The fault of two times in the wrong order: at the later one, or at the one that was sent;
    None where neither was."""
    first, second = getattr(offering, earlier), getattr(offering, later)
    if first is None or second is None or first < second or (may_equal and first == second):
        return None
    if later in named:
        words = "Must not be before" if may_equal else "Must be after"
        return Fault(("body", later), f"{words} {earlier}", "value_error")
    if earlier in named:
        words = "Must not be after" if may_equal else "Must be before"
        return Fault(("body", earlier), f"{words} {later}", "value_error")
    return None


def _titled(name: str, maximum: int) -> Callable[[str], str]:
    return lambda text: values.title(text, ("body", name), maximum)


def _long(name: str, maximum: int) -> Callable[[str], str]:
    return lambda text: values.long_text(text, ("body", name), maximum)


def _locale(loc: Loc) -> Callable[[str], str]:
    return lambda tag: values.locale(tag, loc)
