"""All that is kept about an account, as its owner gets it."""

from tests.app.failing_store import FailingStore
from tests.app.school import ADD, build, work
from twosigma.app.exports import READERS, Export, Exports
from twosigma.domain.actor import Role
from twosigma.domain.catalog import StaffRole
from twosigma.domain.feature_requests import RequestFields
from twosigma.domain.profiles import Grade, Profile, ProfileChanges
from twosigma.domain.progress import Target
from twosigma.testing import in_memory


def test_every_part_of_an_export_has_its_reader() -> None:
    assert {*READERS, "exported_at", "account"} == set(Export.__struct_fields__)


async def test_an_export_holds_what_is_kept_about_oneself_and_of_nobody_else() -> None:
    async with in_memory() as world:
        school = await build(world)
        learner, core = school.people["learner"], school.core
        assert learner is not None
        await core.profiles.update_mine(learner.actor, ProfileChanges(grade=Grade.GRADE_9))
        await core.profiles.prefer(learner.actor, [school.spare.subject_id])
        sent = work(school, Target.CONTENT, school.course.items[0], progress_percent=40)
        await core.progress.report(learner.actor, sent)
        other = await world.learner(school.course)
        await core.progress.report(other.actor, sent)
        await (await other.open(school.course.items[0])).greet()
        await core.feature_requests.submit(
            other.actor, RequestFields(title="Other", description="Other")
        )
        export = await core.exports.mine(learner.actor)
        assert export.exported_at == world.clock.now()
        assert export.account == learner.user
        assert export.profile == Profile(grade=Grade.GRADE_9)
        assert list(export.subject_preferences) == [school.spare.subject_id]
        assert export.course_roles == {}
        assert [row.course_id for row in export.enrollments] == [school.course.id]
        (item,), (module,) = export.content_progress, export.module_progress
        assert (item.target_id, item.progress_percent) == (school.course.items[0], 40)
        assert (module.target_id, module.user_id) == (school.course.module_id, learner.id)
        (transcript,) = export.transcripts
        assert transcript.session.id == school.session_id
        assert transcript.session.share is not None
        assert [message.role for message in transcript.messages] == ["user", "assistant"]
        assert [row.id for row in export.feature_requests] == [school.feature_request_id]
        assert {event.user_id for event in export.activity} == {learner.id}
        assert [row.id for row in export.sign_ins] == [school.sign_in_id]


async def test_a_new_account_has_little_to_take_along_and_staff_their_places() -> None:
    async with in_memory() as world:
        course, who = await world.course(), await world.user(Role.INSTRUCTOR)
        empty = await world.core.exports.mine(who.actor)
        assert empty == Export(
            exported_at=world.clock.now(), account=who.user, profile=Profile(),
            subject_preferences=(), course_roles={}, enrollments=[], transcripts=[],
            content_progress=[], module_progress=[], feature_requests=[], activity=(), sign_ins=[],
            api_keys=[], tokens_spent=[],
        )  # fmt: skip
        async with world.ports.store.write() as tx:
            await tx.catalog.set_staff(course.id, who.id, StaffRole.ASSISTANT)
        roles = (await world.core.exports.mine(who.actor)).course_roles
        assert roles == {course.id: StaffRole.ASSISTANT}


async def test_a_link_that_is_over_is_none_in_an_export() -> None:
    async with in_memory() as world:
        course = await world.course(questions=[ADD])
        who = await world.learner(course)
        talk = await who.open(course.items[0])
        await world.core.chat_sessions.share(who.actor, talk.session_id, 1)
        await world.clock.advance(24 * 60 * 60)
        (transcript,) = (await world.core.exports.mine(who.actor)).transcripts
        assert transcript.session.share is None


async def test_an_export_takes_as_many_statements_for_any_number_of_sessions() -> None:
    async with in_memory() as world:
        course = await world.course(questions=[ADD], items=12)
        who = await world.learner(course)
        store, calls = FailingStore(world.ports.store), []
        exports = Exports(store, world.clock)
        for count in (1, 11):
            for at in range(count):
                await (await who.open(course.items[at])).greet()
            store.calls = 0
            export = await exports.mine(who.actor)
            calls.append(store.calls)
        assert len(export.transcripts) == 12
        assert all(len(each.messages) == 2 for each in export.transcripts)
        assert calls[0] == calls[1]
