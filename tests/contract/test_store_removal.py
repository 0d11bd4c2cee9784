"""Offerings changed, and courses and offerings deleted, the same in every store."""

from datetime import timedelta

from msgspec import structs

from tests.contract.builders import (
    ANSWER,
    GREETING,
    LATER,
    NOBODY,
    NOW,
    add_course,
    add_exchange,
    add_item,
    add_module,
    add_node,
    add_offering,
    add_session,
    add_tree,
    add_user,
    answer,
    course_fields,
    event_of,
    greet,
    make_lesson,
    make_path,
    new_tree,
    new_turn,
    rolled_back,
    start_turn,
)
from tests.contract.course_rows import rows
from twosigma.domain.cache_tree import Position
from twosigma.domain.catalog import Course, Page, Provenance, StaffRole, Visibility
from twosigma.domain.chat import NewSession, Share
from twosigma.domain.modules import ModuleType
from twosigma.ports.store import Store

PROVENANCE = Provenance(source="test", external_id="course", digest="d")


async def full_course(store: Store) -> Course:
    """A course with all that may be below one: a turn, `running`, runs there."""
    fields, staff = await course_fields(store), await add_user(store)
    async with store.write() as tx:
        course = await tx.catalog.add_course(fields, PROVENANCE, NOW)
    assert course is not None
    offering = await add_offering(store, course)
    root = await add_module(store, course, module_type=ModuleType.COURSE_ROOT)
    item = await add_item(store, await add_module(store, course, parent_module_id=root.id))
    tree = await add_tree(store, item, b"d" * 32)
    node = await add_node(store, tree, GREETING, "Hello")
    await add_node(store, tree, ANSWER, "Right", parent=node)
    new = NewSession(
        user_id=staff.id, content_item_id=item.id, course_id=course.id, locale="en",
        content_context={}, title="Item", stamp=None, created_at=NOW,
        position=Position(tree_id=tree.id, node_id=node.id),
    )  # fmt: skip
    share = Share(token="t" * 32, shared_at=NOW, message_count=0, expires_at=None)
    async with store.write() as tx:
        await tx.catalog.set_staff(course.id, staff.id, StaffRole.OWNER)
        await tx.invitations.add_all(offering.id, ["late@example.org"], staff.id, NOW)
        session, silent = await tx.chat.add(new), await tx.chat.add(new)
        await tx.chat.set_share(silent.id, share)
    await add_exchange(store, session, "t1", "own", key="k")
    await add_exchange(store, session, "t2", reply_id=node.reply_id)
    await start_turn(store, session, new_turn("running"))
    return course


async def test_a_course_goes_with_all_below_it_and_with_nothing_else(store: Store) -> None:
    path = await make_path(store)
    assert await store.advance(greet(path)) is not None
    before = await rows(store)
    course = await full_course(store)
    assert (await rows(store))["courses"] == 2
    async with store.write() as tx:
        assert await tx.catalog.lock_course(course.id) == course
        assert await tx.catalog.remove_course(course.id) == frozenset({"running"})
    assert await rows(store) == before
    assert await store.advance(answer(path)) is not None, "the neighbor's tree is whole"
    async with store.read() as tx:
        assert await tx.catalog.course(course.id) is None
        assert await tx.catalog.imported_course("test", "course") is None
        assert await tx.chat.shared("t" * 32) is None


async def test_its_code_and_its_place_are_free_again(store: Store) -> None:
    course = await full_course(store)
    fields = await course_fields(store, code=course.code)
    async with store.write() as tx:
        assert await tx.catalog.add_course(fields, PROVENANCE, NOW) is None
        await tx.catalog.lock_course(course.id)
        await tx.catalog.remove_course(course.id)
    async with store.write() as tx:
        again = await tx.catalog.add_course(fields, PROVENANCE, NOW)
    assert again is not None
    assert again.id != course.id


async def test_a_reply_that_another_course_shows_stays(store: Store) -> None:
    path = await make_path(store)
    course = await full_course(store)
    async with store.read() as tx:
        (tree,) = await tx.cache.trees(None, course.id)
        reply_id = (await tx.cache.nodes(tree.id))[0].reply_id
    await add_exchange(store, path.session, "t9", reply_id=reply_id)
    async with store.write() as tx:
        await tx.catalog.lock_course(course.id)
        await tx.catalog.remove_course(course.id)
    async with store.read() as tx:
        (_, told) = await tx.chat.messages(path.session.id, Page())
    assert told.content == "Hello"


async def test_an_enrollment_keeps_its_course_and_its_offering(store: Store) -> None:
    lesson = await make_lesson(store)
    before = await rows(store)
    async with store.write() as tx:
        await tx.catalog.lock_course(lesson.course.id)
        assert await tx.catalog.remove_course(lesson.course.id) is None
        await tx.catalog.lock_offering(lesson.offering.id)
        assert not await tx.catalog.remove_offering(lesson.offering.id)
    assert await rows(store) == before


async def test_a_tree_is_not_made_for_an_item_that_is_gone(store: Store) -> None:
    item = (await make_lesson(store)).item
    async with store.write() as tx:
        gone = structs.replace(new_tree(item), content_item_id=NOBODY)
        assert await tx.cache.lock_or_add_tree(gone) is None


async def test_a_held_course_is_the_course(store: Store) -> None:
    course = await add_course(store)
    async with store.write() as tx:
        assert await tx.catalog.hold_course(course.id) == course
        assert await tx.catalog.hold_course(NOBODY) is None


async def test_a_saved_offering_has_its_new_fields_and_stays_in_its_course(store: Store) -> None:
    course, other = await add_course(store), await add_course(store)
    offering = await add_offering(store, course)
    changed = structs.replace(
        offering, term_name="Fall", starts_at=NOW, ends_at=LATER, enrollment_start=NOW,
        enrollment_end=NOW + timedelta(1), visibility=Visibility.UNLISTED, capacity=5,
        updated_at=LATER,
    )  # fmt: skip
    async with store.write() as tx:
        elsewhere = structs.replace(changed, course_id=other.id, created_at=LATER)
        await tx.catalog.save_offering(elsewhere)
    async with store.read() as tx:
        assert await tx.catalog.offering(offering.id) == changed
        assert list(await tx.catalog.offerings(other.id)) == []


async def test_an_offering_goes_with_its_invitations(store: Store) -> None:
    course, by = await add_course(store), await add_user(store)
    doomed, kept = await add_offering(store, course), await add_offering(store, course)
    async with store.write() as tx:
        for each in (doomed, kept):
            await tx.invitations.add_all(each.id, ["a@example.org"], by.id, NOW)
        assert await tx.catalog.remove_offering(doomed.id)
    async with store.read() as tx:
        assert await tx.catalog.offering(doomed.id) is None
        assert list(await tx.catalog.offerings(course.id)) == [kept]
        assert (await tx.invitations.of_offering(doomed.id, Page()))[1] == 0
        assert (await tx.invitations.of_offering(kept.id, Page()))[1] == 1


async def test_courses_and_offerings_are_read_many_at_once(store: Store) -> None:
    courses = [await add_course(store) for _ in range(3)]
    offerings = [await add_offering(store, course) for course in courses]
    async with store.read() as tx:
        wanted = {courses[0].id, courses[2].id, NOBODY}
        assert await tx.catalog.get_courses(wanted) == {
            each.id: each for each in (courses[0], courses[2])
        }
        some = {offerings[1].id, NOBODY}
        assert await tx.catalog.get_offerings(some) == {offerings[1].id: offerings[1]}
        assert await tx.catalog.get_courses([]) == {}
        assert await tx.catalog.get_offerings([]) == {}


async def test_staff_are_listed_by_id_and_leave(store: Store) -> None:
    course, other = await add_course(store), await add_course(store)
    users = [await add_user(store) for _ in range(3)]
    async with store.write() as tx:
        for user, role in zip(reversed(users), StaffRole, strict=True):
            await tx.catalog.set_staff(course.id, user.id, role)
        await tx.catalog.set_staff(other.id, users[0].id, StaffRole.OWNER)
    async with store.read() as tx:
        staff = await tx.catalog.staff(course.id)
        assert list(staff.items()) == [
            (users[0].id, StaffRole.ASSISTANT), (users[1].id, StaffRole.INSTRUCTOR),
            (users[2].id, StaffRole.OWNER),
        ]  # fmt: skip
        ids = [course.id, other.id, NOBODY]
        assert await tx.catalog.staffed(users[0].id, ids) == {course.id, other.id}
        assert await tx.catalog.staffed(users[1].id, [other.id]) == frozenset()
        assert await tx.catalog.staff(NOBODY) == {}
    async with store.write() as tx:
        await tx.catalog.remove_from_staff(course.id, users[0].id)
        await tx.catalog.remove_from_staff(NOBODY, users[1].id)
    async with store.read() as tx:
        assert list(await tx.catalog.staff(course.id)) == [users[1].id, users[2].id]
        assert await tx.catalog.staff_role(other.id, users[0].id) is StaffRole.OWNER


async def test_the_last_activity_in_a_course_is_of_that_course(store: Store) -> None:
    lessons = [await make_lesson(store) for _ in range(2)]
    sessions = [await add_session(store, lesson) for lesson in lessons]
    moments = ((0, LATER), (0, NOW), (1, LATER + timedelta(1)))
    async with store.write() as tx:
        for number, (which, at) in enumerate(moments):
            event = event_of(lessons[which], sessions[which], f"t{number}", occurred_at=at)
            await tx.activity.append(event)
    ids, course_id = [lesson.user.id for lesson in lessons], lessons[0].course.id
    async with store.read() as tx:
        assert await tx.activity.last_in_course(ids, course_id) == {ids[0]: LATER}
        assert await tx.activity.last_in_course([], course_id) == {}


async def test_accounts_are_found_by_many_addresses(store: Store) -> None:
    users = [await add_user(store) for _ in range(3)]
    async with store.read() as tx:
        wanted = {users[0].email, users[2].email, "nobody@example.org"}
        assert await tx.accounts.find_all_by_email(wanted) == {
            each.email: each for each in (users[0], users[2])
        }
        assert await tx.accounts.find_all_by_email([]) == {}


async def test_a_deletion_that_is_rolled_back_leaves_all(store: Store) -> None:
    course = await full_course(store)
    before = await rows(store)
    async with rolled_back(store) as tx:
        await tx.catalog.lock_course(course.id)
        await tx.catalog.remove_course(course.id)
    assert await rows(store) == before
