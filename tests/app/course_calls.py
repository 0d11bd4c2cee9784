"""The use cases of modules, content and content types as calls."""

from collections.abc import Awaitable, Callable

from tests.app.school import School, item_fields
from twosigma.domain.catalog import Page
from twosigma.domain.content import ContentTypeFields
from twosigma.domain.content_rules import ItemChanges
from twosigma.domain.content_type_rules import ContentTypeChanges
from twosigma.domain.module_rules import ModuleChanges
from twosigma.domain.modules import ModuleFields

Call = Callable[[School, str], Awaitable[object]]

COURSE_CALLS: dict[str, Call] = {
    "modules.of_course": lambda s, who: s.core.modules.of_course(s.actor(who), s.course.id),
    "modules.roots": lambda s, who: s.core.modules.roots(s.actor(who), s.course.id),
    "modules.get": lambda s, who: s.core.modules.get(s.actor(who), s.course.module_id),
    "modules.children": lambda s, who: s.core.modules.children(s.actor(who), s.course.module_id),
    "modules.create": lambda s, who: s.core.modules.create(
        s.actor(who), ModuleFields(course_id=s.course.id, title="Another"), None
    ),
    "modules.tree": lambda s, who: s.core.modules.tree(s.actor(who), s.course.id),
    "modules.update": lambda s, who: s.core.modules.update(
        s.actor(who), s.course.module_id, ModuleChanges(title="Renamed")
    ),
    "modules.remove": lambda s, who: s.core.modules.remove(s.actor(who), s.spare.module_id),
    "modules.reorder": lambda s, who: s.core.modules.reorder(
        s.actor(who), [s.spare.module_id, s.course.module_id]
    ),
    "content.of_module": lambda s, who: s.core.content.of_module(s.actor(who), s.course.module_id),
    "content.get": lambda s, who: s.core.content.get(s.actor(who), s.course.items[0]),
    "content.create": lambda s, who: s.core.content.create(
        s.actor(who), item_fields(s), None, None
    ),
    "content.update": lambda s, who: s.core.content.update(
        s.actor(who), s.course.items[0], ItemChanges(data_json={"body": "Other."})
    ),
    "content.remove": lambda s, who: s.core.content.remove(s.actor(who), s.spare.items[0]),
    "content.reorder": lambda s, who: s.core.content.reorder(
        s.actor(who), s.spare.module_id, s.spare.items[::-1]
    ),
    "content_types.list": lambda s, who: s.core.content_types.list(s.actor(who), Page()),
    "content_types.get": lambda s, who: s.core.content_types.get(s.actor(who), s.kinds["text"]),
    "content_types.create": lambda s, who: s.core.content_types.create(
        s.actor(who), ContentTypeFields(name="another", label="Another")
    ),
    "content_types.update": lambda s, who: s.core.content_types.update(
        s.actor(who), s.kinds["text"], ContentTypeChanges(prompt_name="Style")
    ),
    "content_types.remove": lambda s, who: s.core.content_types.remove(
        s.actor(who), s.spare.content_type_id
    ),
}
