"""No statement per row: how many statements a use case takes does not grow with what there is."""

from collections.abc import Awaitable, Callable

from tests.sql.statements import counted
from twosigma.adapters.sql.store import SqlStore
from twosigma.app.progress import Work
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page
from twosigma.domain.modules import ModuleFields
from twosigma.domain.progress import Target
from twosigma.testing import Course, Learner, World, in_memory

LIMIT = 17
"""What the longest of them, a report of progress, may take."""


class Scene:
    """A learner in some courses, the first of which has some items, modules and other learners."""

    def __init__(self, world: World, learner: Learner, course: Course, teacher: Learner) -> None:
        self.core, self.learner, self.course, self.teacher = world.core, learner, course, teacher


async def build(world: World, size: int) -> Scene:
    courses = [await world.course(items=size) for _ in range(size)]
    learner, teacher = await world.learner(courses[0]), await world.user(Role.PLATFORM_ADMIN)
    for other in courses[1:]:
        await learner.enroll(other)
    for _ in range(size):
        new = ModuleFields(course_id=courses[0].id, title="Bare")
        await world.core.modules.create(teacher.actor, new, None)
        await world.learner(courses[0])
        await world.course()
    scene = Scene(world, learner, courses[0], teacher)
    for item_id in scene.course.items[:-1]:
        await report(scene, item_id)
    return scene


async def report(scene: Scene, item_id: int | None = None) -> object:
    work = Work(
        target=Target.CONTENT, target_id=item_id or scene.course.items[-1],
        course_offering_id=scene.course.offering_id, progress_percent=100,
    )  # fmt: skip
    return await scene.core.progress.report(scene.learner.actor, work)


USES: dict[str, Callable[[Scene], Awaitable[object]]] = {
    "report": report,
    "my enrollments": lambda s: s.core.enrollments.mine(s.learner.actor, None, Page()),
    "my progress": lambda s: s.core.progress.mine(s.learner.actor, Target.CONTENT, None, Page()),
    "summary": lambda s: s.core.standings.summary(s.learner.actor, s.course.offering_id, None),
    "learners": lambda s: s.core.standings.learners(s.teacher.actor, s.course.offering_id, Page()),
    "figures": lambda s: s.core.standings.course_stats(s.teacher.actor, s.course.id),
    "first page": lambda s: s.core.overview.show(s.learner.actor),
}


async def test_statements_do_not_grow_with_what_there_is(sql_store: SqlStore) -> None:
    async with in_memory(store=sql_store) as world:
        small, large = await build(world, 2), await build(world, 7)
        for name, use in USES.items():
            with counted(sql_store) as few:
                await use(small)
            print(f"{name}: {len(few)} statements")
            assert 0 < len(few) <= LIMIT, name
            with counted(sql_store) as many:
                await use(large)
            assert len(many) == len(few), name
