"""Content types and items, the same in every store."""

from msgspec import convert, structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    NOW,
    add_course,
    add_item,
    add_module,
    item_fields,
)
from twosigma.domain.catalog import Provenance
from twosigma.domain.content import ContentTypeFields, ItemFields, ItemSummary
from twosigma.ports.store import Store

PROVENANCE = Provenance(source="oatutor", external_id="algebra", digest="d1")
DATA = {
    "body": "Ünïcode\n\u2028", "z": 1, "a": 1.5, "big": 2**53, "none": None, "yes": True,
    "questions": [{"id": 1, "options": [{"id": "A", "text": "<&>"}], "correct": ["A"]}],
}  # fmt: skip


async def test_a_content_type_reads_back_as_it_was_added(store: Store) -> None:
    fields = ContentTypeFields(
        name="essay", label="Essay", description="ü", is_gradable=True, prompt_name="p",
        is_system=True, json_schema={"required": ["b"], "additionalProperties": {"const": 1.5}},
    )  # fmt: skip
    async with store.write() as tx:
        before = list(await tx.content.types())
        essay = await tx.content.add_type(fields)
        poem = await tx.content.add_type(ContentTypeFields(name="poem", label="Poem"))
    assert essay is not None
    assert poem is not None
    kept = {name: getattr(essay, name) for name in ContentTypeFields.__struct_fields__}
    assert ContentTypeFields(**kept) == fields
    async with store.read() as tx:
        assert list(await tx.content.types()) == [*before, essay, poem]
        assert await tx.content.type(essay.id) == essay
        assert await tx.content.type(NOBODY) is None


async def test_a_saved_content_type_has_its_new_fields(store: Store) -> None:
    async with store.write() as tx:
        essay = await tx.content.add_type(ContentTypeFields(name="essay", label="Essay"))
        poem = await tx.content.add_type(ContentTypeFields(name="poem", label="Poem"))
        assert essay is not None
        assert poem is not None
        changed = structs.replace(
            essay,
            label="E",
            description="d",
            is_gradable=True,
            prompt_name="p",
            json_schema={"type": "object"},
        )
        assert not await tx.content.save_type(structs.replace(changed, name="poem"))
        assert await tx.content.lock_type(essay.id) == essay
        assert await tx.content.save_type(changed)
        assert await tx.content.hold_type(essay.id) == changed
        assert await tx.content.save_type(structs.replace(changed, name="free"))
        assert await tx.content.save_type(structs.replace(poem, name="essay"))
        assert await tx.content.save_type(structs.replace(changed, name="free", json_schema=None))
        assert await tx.content.type(essay.id) == structs.replace(
            changed, name="free", json_schema=None
        )
        assert await tx.content.hold_type(NOBODY) is None
        assert await tx.content.lock_type(NOBODY) is None


async def test_a_content_type_goes_once_there_are_no_items_of_it(store: Store) -> None:
    item = await add_item(store, await add_module(store, await add_course(store)))
    async with store.write() as tx:
        spare = await tx.content.add_type(ContentTypeFields(name="spare", label="S"))
        assert spare is not None
        for type_id, is_removed in ((item.content_type_id, False), (spare.id, True)):
            await tx.content.lock_type(type_id)
            assert await tx.content.remove_type(type_id) == is_removed
            assert (await tx.content.type(type_id) is None) == is_removed


async def test_the_name_of_a_content_type_is_given_once(store: Store) -> None:
    async with store.write() as tx:
        assert await tx.content.add_type(ContentTypeFields(name="essay", label="A")) is not None
        assert await tx.content.add_type(ContentTypeFields(name="essay", label="B")) is None
        assert [kind.label for kind in await tx.content.types() if kind.name == "essay"] == ["A"]


async def test_an_item_reads_back_as_it_was_added(store: Store) -> None:
    module = await add_module(store, await add_course(store))
    fields = await item_fields(
        store, module, title="ü", description="d", data_json=DATA, sequence_index=3,
        estimated_duration_seconds=60, prompt_name="p", is_archived=True,
    )  # fmt: skip
    async with store.write() as tx:
        added = await tx.content.add(fields, PROVENANCE, NOW)
    kept = {name: getattr(added, name) for name in ItemFields.__struct_fields__}
    assert ItemFields(**kept) == fields
    assert list(added.data_json) == list(DATA)
    assert (added.revision, added.provenance) == (1, PROVENANCE)
    assert (added.created_at, added.updated_at) == (NOW, NOW)
    async with store.read() as tx:
        assert await tx.content.get(added.id) == added
        assert await tx.content.get(NOBODY) is None


async def test_what_a_caller_does_to_its_data_later_does_not_reach_the_store(store: Store) -> None:
    module = await add_module(store, await add_course(store))
    data: dict[str, object] = {"body": "before"}
    item = await add_item(store, module, data_json=data)
    data["body"] = "after"
    async with store.read() as tx:
        found = await tx.content.get(item.id)
    assert found is not None
    assert found.data_json == {"body": "before"}


async def test_a_saved_item_has_its_new_fields(store: Store) -> None:
    course = await add_course(store)
    module, other = await add_module(store, course), await add_module(store, course)
    item = await add_item(store, module)
    changed = structs.replace(
        item, title="New", description="d", module_id=other.id, data_json=DATA, revision=2,
        sequence_index=9, is_archived=True, prompt_name="p", estimated_duration_seconds=1,
        provenance=PROVENANCE, updated_at=LATER,
    )  # fmt: skip
    async with store.write() as tx:
        await tx.content.save(changed)
    async with store.read() as tx:
        assert await tx.content.get(item.id) == changed
        assert list(await tx.content.of_module(module.id)) == []
        assert list(await tx.content.of_module(other.id)) == [changed]


async def test_items_of_a_module_come_in_their_sequence(store: Store) -> None:
    course = await add_course(store)
    module = await add_module(store, course)
    added = [await add_item(store, module, sequence_index=at) for at in (2, 1, 1, 0)]
    archived = await add_item(store, module, sequence_index=-1, is_archived=True)
    await add_item(store, await add_module(store, course))
    async with store.read() as tx:
        assert list(await tx.content.of_module(module.id)) == [
            archived, added[3], added[1], added[2], added[0],
        ]  # fmt: skip
        assert list(await tx.content.of_module(NOBODY)) == []


async def test_items_of_a_course_come_by_id(store: Store) -> None:
    course = await add_course(store)
    one, two = await add_module(store, course), await add_module(store, course)
    added = [await add_item(store, module, sequence_index=-at)
             for at, module in enumerate((one, two, one))]  # fmt: skip
    await add_item(store, await add_module(store, await add_course(store)))
    async with store.read() as tx:
        assert list(await tx.content.of_course(course.id)) == added
        assert list(await tx.content.of_course(NOBODY)) == []


async def test_summaries_are_the_items_without_their_data(store: Store) -> None:
    course = await add_course(store)
    one, two = await add_module(store, course), await add_module(store, course)
    added = [
        await add_item(store, one, data_json=DATA, estimated_duration_seconds=60),
        await add_item(store, two, sequence_index=7, is_archived=True),
    ]
    await add_item(store, await add_module(store, await add_course(store)))
    async with store.read() as tx:
        assert list(await tx.content.summaries(course.id)) == [
            convert(each, ItemSummary, from_attributes=True) for each in added
        ]
        assert list(await tx.content.summaries(NOBODY)) == []


async def test_a_new_order_is_all_that_changes(store: Store) -> None:
    module = await add_module(store, await add_course(store))
    added = [await add_item(store, module, data_json=DATA) for _ in range(3)]
    moved = [
        structs.replace(each, sequence_index=2 - at, updated_at=LATER, title="not stored")
        for at, each in enumerate(added)
    ]
    async with store.write() as tx:
        await tx.content.reorder(moved)
        await tx.content.reorder([])
    async with store.read() as tx:
        assert list(await tx.content.of_module(module.id)) == [
            structs.replace(each, title="Item") for each in reversed(moved)
        ]


async def test_a_course_and_an_item_can_be_held(store: Store) -> None:
    course = await add_course(store)
    item = await add_item(store, await add_module(store, course))
    async with store.write() as tx:
        assert await tx.catalog.hold_course(course.id) == course
        assert await tx.content.hold(item.id)
        assert await tx.modules.lock(course.id)
        assert await tx.catalog.hold_course(NOBODY) is None
        assert not await tx.content.hold(NOBODY)
        assert not await tx.modules.lock(NOBODY)
        assert await tx.modules.hold(item.module_id)
        assert not await tx.modules.hold(NOBODY)
