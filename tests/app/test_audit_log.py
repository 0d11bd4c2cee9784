"""Administrative acts leave their entry; another's chat is read with a reason, and audited."""

import pytest

from tests.app.school import School, build
from tests.app.use_cases import BEFORE, CALLS
from twosigma.domain.actor import Role
from twosigma.domain.audit import Action, Entry, EntryFilter
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Forbidden, Invalid, Missing
from twosigma.testing import in_memory

AUDITED = {
    "users.set_role": (Action.USER_ROLE_CHANGED, {"role": {"from": "STUDENT", "to": "INSTRUCTOR"}}),
    "users.set_status": (Action.USER_SWITCHED_OFF, {}),
    "erasure.erase": (Action.USER_ERASED, {}),
    "course_staff.put": (Action.STAFF_APPOINTED, None),
    "course_staff.remove": (Action.STAFF_REMOVED, None),
    "catalog.remove_course": (Action.COURSE_DELETED, None),
    "places.create_university": (Action.UNIVERSITY_CREATED, {"name": "Another"}),
    "places.update_university": (Action.UNIVERSITY_UPDATED, None),
    "places.remove_university": (Action.UNIVERSITY_DELETED, {}),
    "places.create_department": (Action.DEPARTMENT_CREATED, {"name": "Another"}),
    "places.update_department": (Action.DEPARTMENT_UPDATED, None),
    "places.remove_department": (Action.DEPARTMENT_DELETED, {}),
    "places.create_subject": (Action.SUBJECT_CREATED, {"name": "Another"}),
    "places.update_subject": (Action.SUBJECT_UPDATED, None),
    "places.remove_subject": (Action.SUBJECT_DELETED, {}),
    "content_types.create": (Action.CONTENT_TYPE_CREATED, {"name": "another"}),
    "content_types.update": (Action.CONTENT_TYPE_UPDATED, None),
    "content_types.remove": (Action.CONTENT_TYPE_DELETED, None),
    "prompts_edit.create": (
        Action.PROMPT_LABELED, {"version": 2, "added": ["draft"], "removed": []},
    ),
    "prompts_edit.set_labels": (
        Action.PROMPT_LABELED, {"version": 1, "added": ["tested"], "removed": []},
    ),
}  # fmt: skip
"""Use cases, done by an admin → the entry they leave; details None: some."""


async def entries(school: School) -> list[Entry]:
    rows, _ = await school.core.audit_log.entries(school.actor("admin"), EntryFilter(), Page())
    return list(rows)


@pytest.mark.parametrize("name", AUDITED)
async def test_an_act_leaves_one_entry(name: str) -> None:
    action, details = AUDITED[name]
    async with in_memory() as world:
        school = await build(world)
        if name in BEFORE:
            await BEFORE[name](school)
        before = len(await entries(school))
        await CALLS[name](school, "admin")
        entry, *others = await entries(school)
        assert len(others) == before
        assert entry.action is action
        assert entry.actor_id == school.user_id("admin")
        assert entry.target_id
        assert entry.occurred_at == world.clock.now()
        assert entry.details == details if details is not None else entry.details


async def test_what_changes_nothing_is_no_act() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = await entries(school)
        admin, learner = school.actor("admin"), school.user_id("learner")
        await school.core.users.set_role(admin, learner, Role.STUDENT)
        await school.core.users.set_status(admin, learner, is_active=True)
        await school.core.prompts_edit.set_labels(admin, "Style", 1, ["production"])
        assert await entries(school) == before


async def test_a_transcript_is_read_with_a_reason_that_is_kept() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin = school.actor("admin")
        log = school.core.audit_log
        view = await log.transcript(admin, school.session_id, " Ticket 7 ", Page())
        assert [message.role for message in view.messages] == ["user", "assistant"]
        assert (view.total, view.session.user_id) == (2, school.user_id("learner"))
        entry = (await entries(school))[0]
        assert (entry.action, entry.reason) == (Action.TRANSCRIPT_READ, "Ticket 7")
        assert entry.target_id == str(school.session_id)
        assert entry.details == {"user_id": school.user_id("learner")}
        assert not any(message.content in str(entry) for message in view.messages)


async def test_without_reason_right_or_session_nothing_is_shown_or_noted() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = await entries(school)
        log, admin = school.core.audit_log, school.actor("admin")
        with pytest.raises(Invalid):
            await log.transcript(admin, school.session_id, "  ", Page())
        with pytest.raises(Missing):
            await log.transcript(admin, 10**6, "Ticket 7", Page())
        with pytest.raises(Forbidden):
            await log.transcript(school.actor("owner"), school.session_id, "Ticket 7", Page())
        assert await entries(school) == before
