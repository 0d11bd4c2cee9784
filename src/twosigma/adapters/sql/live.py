"""What is live: modules that are not archived, nor anything above them, and the items in them.

The rule is `domain.completeness`'s; here it is told to the database, which counts over it.
"""

from sqlalchemy import CTE, Select, SelectBase, select

from twosigma.adapters.sql.schema import content_items, modules


def live_modules(course_ids: SelectBase) -> CTE:
    """The live modules of these courses: `id`, `course_id`."""
    tops = (
        select(modules.c.id, modules.c.course_id)
        .where(
            modules.c.course_id.in_(course_ids),
            modules.c.parent_module_id.is_(None),
            ~modules.c.is_archived,
        )
        .cte("live_modules", recursive=True)
    )
    return tops.union(
        select(modules.c.id, tops.c.course_id)
        .join(tops, modules.c.parent_module_id == tops.c.id)
        .where(~modules.c.is_archived)
    )


def items_in(live: CTE, course_ids: SelectBase) -> Select[tuple[int, int]]:
    """The live items of live modules, which are of these courses: `id`, `course_id`."""
    return (
        select(content_items.c.id, live.c.course_id)
        .join(live, content_items.c.module_id == live.c.id)
        # That they are of these courses follows, which PostgreSQL cannot know: it thinks that
        # there are a thousand live modules, and would read the items of all courses.
        .where(~content_items.c.is_archived, content_items.c.course_id.in_(course_ids))
    )
