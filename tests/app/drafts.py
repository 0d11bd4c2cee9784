"""A module with two items that no learner has worked with: it may be removed."""

from msgspec import Struct

from tests.app.school import School, item_fields
from twosigma.domain.modules import ModuleFields

TITLE = "A draft"


class Draft(Struct, frozen=True, kw_only=True):
    """By their ids."""

    module_id: int
    items: tuple[int, ...]


async def draft(school: School) -> None:
    """There is one in the school's course."""
    core, admin = school.world.core, school.actor("admin")
    fields = ModuleFields(course_id=school.course.id, title=TITLE)
    module = await core.modules.create(admin, fields, None)
    for _ in range(2):
        await core.content.create(admin, item_fields(school, module_id=module.id), None, None)


def draft_of(school: School) -> Draft:
    """The one that was made."""
    tables = school.world.ports.store._tables  # type: ignore[attr-defined]  # the memory adapter's own
    (module_id,) = (each.id for each in tables.modules.values() if each.title == TITLE)
    items = tuple(each.id for each in tables.items.values() if each.module_id == module_id)
    return Draft(module_id=module_id, items=items)
