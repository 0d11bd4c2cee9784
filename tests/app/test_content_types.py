"""Content types."""

import pytest

from tests.app.school import School, build, item_fields
from twosigma.app.content_types import TypeView
from twosigma.domain.catalog import Page
from twosigma.domain.content import ContentTypeFields
from twosigma.domain.content_type_rules import ContentTypeChanges
from twosigma.domain.errors import Conflict, Invalid, Missing
from twosigma.testing import in_memory

NOWHERE = 999


async def platform_epoch(school: School) -> int:
    async with school.world.ports.store.read() as tx:
        return (await tx.epochs.read(school.course.id))[0]


async def test_a_type_is_made_changed_and_removed() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, types = school.actor("admin"), world.core.content_types
        fields = ContentTypeFields(name="essay", label=" Essay ", is_system=True)
        made = await types.create(admin, fields)
        assert (made.label, made.is_system) == ("Essay", False)
        changed = await types.update(
            admin, made.id, ContentTypeChanges(name="poem", is_gradable=True)
        )
        assert (changed.name, changed.label, changed.is_gradable) == ("poem", "Essay", True)
        view = TypeView(kind=changed, is_staff=True)
        assert await types.get(admin, made.id) == view
        rows, total = await types.list(admin, Page(skip=total_before(school), limit=1))
        assert (rows, total) == ([view], total_before(school) + 1)
        await types.remove(admin, made.id)
        with pytest.raises(Missing):
            await types.get(None, made.id)


def total_before(school: School) -> int:
    """The installation's types and the spare one."""
    return len(school.kinds) + 1


async def test_only_a_change_raises_the_platforms_epoch() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, types = school.actor("admin"), world.core.content_types
        before, text = await platform_epoch(school), school.kinds["text"]
        await types.create(admin, ContentTypeFields(name="essay", label="Essay"))
        await types.update(admin, text, ContentTypeChanges())
        await types.update(admin, text, ContentTypeChanges(name="text", prompt_name="Tutor/Text"))
        assert await platform_epoch(school) == before
        await types.update(admin, text, ContentTypeChanges(prompt_name="Style"))
        assert await platform_epoch(school) == before + 1


async def test_a_system_type_stays_what_it_is() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, types, quiz = school.actor("admin"), world.core.content_types, school.kinds["quiz"]
        before = school.dump()
        for call in (
            types.remove(admin, school.kinds["audio"]),
            types.update(admin, quiz, ContentTypeChanges(name="test")),
            types.update(admin, quiz, ContentTypeChanges(is_gradable=False)),
        ):
            with pytest.raises(Conflict) as refused:
                await call
            assert refused.value.code == "system_type"
        assert school.dump() == before
        assert (await types.update(admin, quiz, ContentTypeChanges(label="Test"))).label == "Test"


async def test_a_type_that_has_items_is_not_removed() -> None:
    async with in_memory() as world:
        school = await build(world)
        kind = school.spare.content_type_id
        await world.core.content.create(
            school.actor("owner"), item_fields(school, content_type_id=kind), None, None
        )
        with pytest.raises(Conflict) as refused:
            await world.core.content_types.remove(school.actor("admin"), kind)
        assert refused.value.code == "in_use"


async def test_what_is_wrong_taken_or_missing_is_refused() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, types, spare = school.actor("admin"), world.core.content_types, school.spare
        before = school.dump()
        for call, error in (
            (types.create(admin, ContentTypeFields(name="quiz", label="Q")), Conflict),
            (types.update(admin, spare.content_type_id, ContentTypeChanges(name="quiz")), Conflict),
            (types.create(admin, ContentTypeFields(name="Q", label="")), Invalid),
            (types.update(admin, NOWHERE, ContentTypeChanges(name="Q")), Invalid),
            (types.update(admin, NOWHERE, ContentTypeChanges()), Missing),
            (types.remove(admin, NOWHERE), Missing),
            (types.get(None, NOWHERE), Missing),
        ):
            with pytest.raises(error):
                await call
        assert school.dump() == before
