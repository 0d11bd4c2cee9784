"""Changing, moving, ordering and removing content; data held to its type's schema."""

from datetime import timedelta
from typing import Any

import pytest

from tests.app.drafts import draft
from tests.app.school import ADD, School, build, item_fields
from tests.app.test_module_edits import epoch
from tests.app.test_modules import make
from twosigma.app.content import ItemView
from twosigma.domain.content import ContentTypeFields
from twosigma.domain.content_rules import ItemChanges
from twosigma.domain.content_type_rules import ContentTypeChanges
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing
from twosigma.testing import in_memory

ESSAY = {
    "properties": {"words": {"type": "integer", "minimum": 1}, "body": {"type": "string"}},
    "required": ["words"],
    "additionalProperties": False,
}


async def change(school: School, item_id: int, who: str = "owner", **fields: Any) -> ItemView:
    return await school.core.content.update(school.actor(who), item_id, ItemChanges(**fields))


async def add_type(school: School, schema: dict[str, Any], name: str = "essay") -> int:
    fields = ContentTypeFields(name=name, label="Essay", json_schema=schema)
    return (await school.core.content_types.create(school.actor("admin"), fields)).id


def places(refused: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {".".join(map(str, fault.loc)) for fault in refused.value.faults}


async def test_a_revision_rises_with_the_value_of_the_data_alone() -> None:
    async with in_memory() as world:
        school = await build(world)
        (item_id,) = school.course.items
        first = (await world.core.content.get(school.actor("owner"), item_id)).item
        began = await epoch(school)
        world.clock.set(world.clock.now() + timedelta(hours=1))
        backwards = dict(reversed(list(first.data_json.items())))
        for same in ({}, {"title": first.title}, {"data_json": backwards}):
            assert (await change(school, item_id, **same)).item == first
        assert await epoch(school) == began
        renamed = await change(school, item_id, title=" New ", prompt_name="Style")
        assert (renamed.item.title, renamed.item.revision) == ("New", 1)
        assert renamed.item.updated_at == world.clock.now()
        assert await epoch(school) == began + 1
        second = await change(school, item_id, data_json={"body": "New.", "n": 1})
        third = await change(school, item_id, data_json={"body": "New.", "n": True})
        assert [view.item.revision for view in (second, third)] == [2, 3]
        assert third.data_json["n"] is True
        assert third.is_staff


async def test_what_is_shown_after_a_change_has_its_keys() -> None:
    async with in_memory() as world:
        school = await build(world)
        view = await change(school, school.course.items[0], data_json={"questions": [ADD]})
        assert view.data_json == {"questions": [ADD]}


async def test_an_item_moves_within_its_course() -> None:
    async with in_memory() as world:
        school = await build(world)
        elsewhere, hidden = await world.course(), await world.course(is_published=False)
        (item_id,) = school.course.items
        two = await make(school, "Two")
        moved = await change(school, item_id, module_id=two.id)
        assert (moved.item.module_id, moved.item.revision) == (two.id, 1)
        with pytest.raises(Conflict, match="another course"):
            await change(school, item_id, module_id=elsewhere.module_id)
        for module_id in (999, hidden.module_id):
            with pytest.raises(Missing, match=r"^Module not found$"):
                await change(school, item_id, module_id=module_id)


async def test_the_checks_of_a_change_come_in_their_order() -> None:
    async with in_memory() as world:
        school = await build(world)
        hidden = await world.course(is_published=False)
        (item_id,) = school.course.items
        bad = {"questions": [{**ADD, "correct": "Z"}]}
        with pytest.raises(Invalid) as refused:
            await change(school, 999, title=" ", data_json=bad)
        assert places(refused) == {"body.title"}, "no item says what its data should be"
        for missing in (999, hidden.items[0]):
            with pytest.raises(Missing, match=r"^Content not found$"):
                await change(school, missing, data_json=bad)
            with pytest.raises(Missing, match=r"^Content not found$"):
                await world.core.content.remove(school.actor("owner"), missing)
        with pytest.raises(Forbidden):
            await change(school, item_id, "other", data_json=bad)
        with pytest.raises(Invalid) as refused:
            await change(school, item_id, title=" ", sequence_index=-1, data_json=bad)
        assert {"body.title", "body.sequence_index"} < places(refused)
        assert any(place.startswith("body.data_json.questions.0") for place in places(refused))
        with pytest.raises(Missing, match=r"^Content type not found$"):
            await change(school, item_id, content_type_id=999)


async def test_another_type_is_held_to_its_own_shape() -> None:
    async with in_memory() as world:
        school = await build(world)
        (item_id,) = school.course.items
        with pytest.raises(Invalid) as refused:
            await change(school, item_id, content_type_id=school.kinds["video"])
        assert places(refused) == {"body.data_json.video_url"}
        data = {"video_url": "https://example.com/v"}
        view = await change(school, item_id, content_type_id=school.kinds["video"], data_json=data)
        assert (view.kind.name, view.data_json) == ("video", data)


async def test_items_come_in_the_order_asked_for() -> None:
    async with in_memory() as world:
        school = await build(world)
        await draft(school)
        made, content, owner = school.spare, world.core.content, school.actor("owner")
        one, two = made.items
        began = await epoch(school)
        views = await content.reorder(owner, made.module_id, [two, one])
        assert [(view.item.id, view.item.sequence_index) for view in views] == [(two, 0), (one, 1)]
        assert all(view.is_staff for view in views)
        assert await epoch(school) == began
        listed = await content.of_module(None, made.module_id)
        assert [view.item.id for view in listed] == [two, one]
        await change(school, two, is_archived=True)
        for ids in ([two, one], [one, one], [one, school.course.items[0]], [999]):
            with pytest.raises(Conflict):
                await content.reorder(owner, made.module_id, ids)
        await content.reorder(owner, made.module_id, [one])
        with pytest.raises(Missing, match=r"^Module not found$"):
            await content.reorder(owner, 999, [one])
        with pytest.raises(Invalid):
            await content.reorder(owner, 999, [])


async def test_an_item_goes_but_not_where_learners_worked() -> None:
    async with in_memory() as world:
        school = await build(world)
        await draft(school)
        one, two = school.spare.items
        owner, learner = school.people["owner"], school.people["learner"]
        assert owner is not None
        assert learner is not None
        await (await owner.open(one)).greet()
        began = await epoch(school)
        await world.core.content.remove(owner.actor, one)
        assert await epoch(school) == began + 1
        async with world.ports.store.read() as tx:
            assert await tx.cache.trees(one, None) == []
        with pytest.raises(Missing):
            await world.core.content.get(owner.actor, one)
        await learner.open(two)
        before = school.dump()
        with pytest.raises(Conflict, match="archive instead"):
            await world.core.content.remove(owner.actor, two)
        assert school.dump() == before


async def test_data_fits_the_schema_of_its_type_when_it_is_written() -> None:
    async with in_memory() as world:
        school = await build(world)
        essay = await add_type(school, ESSAY)
        content, owner = world.core.content, school.actor("owner")
        bad = item_fields(
            school, content_type_id=essay, title=" ", data_json={"words": 0, "body": 1, "own": 1}
        )
        with pytest.raises(Invalid) as refused:
            await content.create(owner, bad, None, None)
        assert places(refused) == {
            "body.title", "body.data_json.words", "body.data_json.body", "body.data_json.own",
        }  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await content.create(
                owner, item_fields(school, content_type_id=essay, data_json={}), None, None
            )
        assert places(refused) == {"body.data_json.words"}
        good = item_fields(school, content_type_id=essay, data_json={"words": 3})
        item = (await content.create(owner, good, None, None)).item
        with pytest.raises(Invalid):
            await change(school, item.id, data_json={"words": "3"})
        assert (await change(school, item.id, data_json={"words": 4})).item.revision == 2


async def test_shape_and_schema_are_told_together_and_once() -> None:
    async with in_memory() as world:
        school = await build(world)
        link = school.kinds["link"]
        await world.core.content_types.update(
            school.actor("admin"), link, ContentTypeChanges(json_schema={"required": ["url", "by"]})
        )
        fields = item_fields(school, content_type_id=link, data_json={"questions": 7})
        with pytest.raises(Invalid) as refused:
            await world.core.content.create(school.actor("owner"), fields, None, None)
        assert sorted(fault.loc[2] for fault in refused.value.faults) == ["by", "questions", "url"]


async def test_a_changed_schema_is_asked_at_the_next_write_of_data() -> None:
    async with in_memory() as world:
        school = await build(world)
        essay = await add_type(school, ESSAY)
        fields = item_fields(school, content_type_id=essay, data_json={"words": 3})
        item = (await world.core.content.create(school.actor("owner"), fields, None, None)).item
        types, admin = world.core.content_types, school.actor("admin")
        tight = ContentTypeChanges(json_schema={"properties": {"words": {"minimum": 9}}})
        assert (await types.update(admin, essay, tight)).json_schema == tight.json_schema
        assert (await world.core.content.get(None, item.id)).data_json == {"words": 3}
        await change(school, item.id, title="Renamed")
        with pytest.raises(Invalid):
            await change(school, item.id, data_json={"words": 3})
        await types.update(admin, essay, ContentTypeChanges(json_schema=None))
        await change(school, item.id, data_json={"any": "thing"})


async def test_a_schema_that_multiplies_is_not_followed() -> None:
    async with in_memory() as world:
        school = await build(world)
        again = {"properties": {"n": {"$ref": "#"}}}
        twice = await add_type(school, {"allOf": [again, again]})
        data: dict[str, Any] = {}
        for _ in range(24):
            data = {"n": data}
        fields = item_fields(school, content_type_id=twice, data_json=data)
        with pytest.raises(Invalid) as refused:
            await world.core.content.create(school.actor("owner"), fields, None, None)
        assert places(refused) == {"body.data_json"}


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "no such"}, "type"), ({"properties": {"a": {"$ref": "http://a.b/c"}}},
        "properties.a.$ref"), ({"title": "x" * 65_536}, ""), ({"pattern": "(?=a)"}, "pattern"),
        ({"$ref": "#/none"}, ""),
    ],
)  # fmt: skip
async def test_what_is_no_schema_is_told_with_all_other_faults(
    schema: dict[str, Any], place: str
) -> None:
    async with in_memory() as world:
        school = await build(world)
        types, admin = world.core.content_types, school.actor("admin")
        wanted = {"body.label", f"body.json_schema.{place}".removesuffix(".")}
        fields = ContentTypeFields(name="essay", label=" ", json_schema=schema)
        with pytest.raises(Invalid) as refused:
            await types.create(admin, fields)
        assert places(refused) == wanted
        with pytest.raises(Invalid) as refused:
            await types.update(
                admin, school.kinds["text"], ContentTypeChanges(label=" ", json_schema=schema)
            )
        assert places(refused) == wanted
