"""A module with two items that no learner has worked with: it may be removed."""

from msgspec import structs

from tests.app.school import School, item_fields
from twosigma.domain.modules import ModuleFields


async def draft(school: School) -> None:
    """There is one in the school's course."""
    core, admin = school.world.core, school.actor("admin")
    fields = ModuleFields(course_id=school.course.id, title="A draft")
    module = await core.modules.create(admin, fields, None)
    made = [
        await core.content.create(admin, item_fields(school, module_id=module.id), None, None)
        for _ in range(2)
    ]
    items = tuple(each.item.id for each in made)
    school.spare = structs.replace(school.spare, module_id=module.id, items=items)
