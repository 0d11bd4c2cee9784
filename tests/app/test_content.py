"""Content items: what is shown of them, and making them."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from tests.app.school import PEOPLE, School, build, item_fields
from twosigma.app.content import ItemView
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing, Unauthenticated
from twosigma.testing import in_memory, question

SECRETS = ("correct", "explanation", "hints", "tolerance", "accept")
FULL = question(
    1, "2 + 2?", ["3", "4"], correct="B", explanation="Count on.", hints=[{"text": "Count."}]
)


async def make(
    school: School, who: str = "owner", index: int | None = None, **fields: Any
) -> ItemView:
    course_id = fields.pop("of", None)
    return await school.core.content.create(
        school.actor(who), item_fields(school, **fields), course_id, index
    )


def keys_in(data: object) -> set[str]:
    """All keys of a JSON value, at any depth."""
    if isinstance(data, dict):
        return set(data) | {key for value in data.values() for key in keys_in(value)}
    if isinstance(data, list | tuple):
        return {key for value in data for key in keys_in(value)}
    return set()


@pytest.mark.parametrize("kind", ["quiz", "lab", "text", "video"])
async def test_answer_keys_are_for_staff_only_in_every_kind(kind: str) -> None:
    async with in_memory() as world:
        school = await build(world)
        data: dict[str, object] = {"body": "Read.", "questions": [FULL]}
        if kind == "lab":
            data = {"instructions": "Do.", "questions": [FULL]}
        if kind == "video":
            data = {"video_url": "https://example.com/video.mp4", "questions": [FULL]}
        made = await make(school, content_type_id=school.kinds[kind], data_json=data)
        assert {"correct", "explanation", "hints"} <= keys_in(made.data_json)
        for who in PEOPLE:
            actor = school.actor(who)
            views = [
                await world.core.content.get(actor, made.item.id),
                (await world.core.content.of_module(actor, school.course.module_id))[-1],
            ]
            for view in views:
                is_staff = who in ("assistant", "owner", "admin")
                assert view.is_staff == is_staff
                assert view.kind.name == kind
                assert bool(keys_in(view.data_json) & set(SECRETS)) == is_staff
                assert "prompt" in keys_in(view.data_json)


async def test_a_new_item_comes_last_in_its_module() -> None:
    async with in_memory() as world:
        school = await build(world)
        made = await make(school, title=" Ti\u0301tle ", estimated_duration_seconds=604_800)
        assert (made.item.title, made.item.sequence_index, made.item.revision) == ("Títle", 1, 1)
        assert made.item.course_id == school.course.id
        first = await make(school, index=0, of=school.course.id)
        again = await make(school)
        rows = await world.core.content.of_module(None, school.course.module_id)
        assert [row.item.id for row in rows] == [
            school.course.items[0], first.item.id, made.item.id, again.item.id,
        ]  # fmt: skip


async def test_items_made_at_once_have_places_of_their_own() -> None:
    async with in_memory() as world:
        school = await build(world)
        made = await asyncio.gather(*(make(school) for _ in range(5)))
        assert sorted(each.item.sequence_index for each in made) == [1, 2, 3, 4, 5]


async def test_what_is_archived_is_hidden_but_to_staff() -> None:
    async with in_memory() as world:
        school = await build(world)
        (item_id,), module_id = school.course.items, school.course.module_id
        async with world.ports.store.write() as tx:
            item = await tx.content.get(item_id)
            assert item is not None
            await tx.content.save(structs.replace(item, is_archived=True))
        with pytest.raises(Missing, match=r"^Content not found$"):
            await world.core.content.get(school.actor("learner"), item_id)
        assert await world.core.content.of_module(school.actor("learner"), module_id) == []
        assert len(await world.core.content.of_module(school.actor("assistant"), module_id)) == 1
        await world.core.content.get(school.actor("assistant"), item_id)
        live = await make(school)
        async with world.ports.store.write() as tx:
            module = await tx.modules.get(module_id)
            assert module is not None
            await tx.modules.save(structs.replace(module, is_archived=True))
        with pytest.raises(Missing, match=r"^Content not found$"):
            await world.core.content.get(school.actor("learner"), live.item.id)
        with pytest.raises(Missing, match=r"^Module not found$"):
            await world.core.content.of_module(school.actor("learner"), module_id)
        await world.core.content.get(school.actor("owner"), live.item.id)


async def test_all_faults_of_an_item_are_told_at_once_those_of_its_data_too() -> None:
    async with in_memory() as world:
        school = await build(world)
        bad = {"questions": [{**FULL, "correct": "Z"}, {**FULL, "type": "riddle"}]}
        with pytest.raises(Invalid) as refused:
            await make(
                school, index=-1, title=" ", description="x" * 10_001, prompt_name="",
                estimated_duration_seconds=604_801, content_type_id=school.kinds["quiz"],
                data_json=bad, module_id=999,
            )  # fmt: skip
        places = {".".join(map(str, fault.loc)) for fault in refused.value.faults}
        fields = (
            "title", "description", "prompt_name", "sequence_index", "estimated_duration_seconds",
        )  # fmt: skip
        assert {f"body.{name}" for name in fields} <= places
        assert {place.split(".")[1] for place in places} == {*fields, "data_json"}
        assert any(place.startswith("body.data_json.questions.0") for place in places)
        assert any(place.startswith("body.data_json.questions.1") for place in places)


@pytest.mark.parametrize(
    "data",
    [
        {"body": "x" * (256 * 1024)},
        {"body": "nul\x00"},
        {"half\ud800": 1},
        {"deep": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]},
    ],
    ids=["too long", "NUL", "surrogate", "too deep"],
)
async def test_data_that_no_store_takes_is_refused(data: dict[str, Any]) -> None:
    async with in_memory() as world:
        school = await build(world)
        with pytest.raises(Invalid) as refused:
            await make(school, data_json=data)
        assert {fault.loc[:2] for fault in refused.value.faults} == {("body", "data_json")}


async def test_the_checks_of_a_new_item_come_in_their_order() -> None:
    async with in_memory() as world:
        school = await build(world)
        elsewhere = await world.course()
        hidden = await world.course(is_published=False)
        with pytest.raises(Unauthenticated):
            await make(school, "anonymous", title="")
        with pytest.raises(Forbidden):
            await make(school, "assistant", title="")
        with pytest.raises(Invalid):
            await make(school, title="", content_type_id=999, module_id=999)
        with pytest.raises(Missing, match=r"^Content type not found$"):
            await make(school, content_type_id=999, module_id=999)
        for module_id in (999, hidden.module_id):
            with pytest.raises(Missing, match=r"^Module not found$"):
                await make(school, module_id=module_id)
        with pytest.raises(Forbidden):
            await make(school, module_id=elsewhere.module_id, of=school.course.id)
        with pytest.raises(Conflict):
            await make(school, of=elsewhere.id)
        assert len(await world.core.content.of_module(None, school.course.module_id)) == 1
        with pytest.raises(Missing, match=r"^Content not found$"):
            await world.core.content.get(None, 999)
        with pytest.raises(Missing, match=r"^Module not found$"):
            await world.core.content.of_module(None, 999)
