"""The modules of courses, the same in every store."""

from msgspec import structs

from tests.contract.builders import LATER, NOBODY, NOW, add_course, add_module
from twosigma.domain.catalog import Provenance
from twosigma.domain.modules import ModuleFields, ModuleType
from twosigma.ports.store import Store

PROVENANCE = Provenance(source="oatutor", external_id="algebra", digest="d1")


async def test_a_module_reads_back_as_it_was_added(store: Store) -> None:
    course = await add_course(store)
    root = await add_module(store, course, module_type=ModuleType.COURSE_ROOT)
    fields = ModuleFields(
        course_id=course.id, parent_module_id=root.id, title="One", description="ü",
        module_type=ModuleType.LAB, sequence_index=7, is_archived=True,
    )  # fmt: skip
    async with store.write() as tx:
        added = await tx.modules.add(fields, PROVENANCE, NOW)
    kept = {name: getattr(added, name) for name in ModuleFields.__struct_fields__}
    assert ModuleFields(**kept) == fields
    assert (added.provenance, added.created_at, added.updated_at) == (PROVENANCE, NOW, NOW)
    async with store.read() as tx:
        assert await tx.modules.get(added.id) == added
        assert await tx.modules.get(NOBODY) is None


async def test_modules_come_by_id_for_their_course_archived_ones_too(store: Store) -> None:
    course = await add_course(store)
    added = [await add_module(store, course, sequence_index=-at, is_archived=at == 1)
             for at in range(3)]  # fmt: skip
    await add_module(store, await add_course(store))
    async with store.read() as tx:
        assert list(await tx.modules.of_course(course.id)) == added
        assert list(await tx.modules.of_course(NOBODY)) == []


async def test_a_saved_module_has_its_new_fields(store: Store) -> None:
    course = await add_course(store)
    parent, module = await add_module(store, course), await add_module(store, course)
    changed = structs.replace(
        module, title="New", description="d", parent_module_id=parent.id, is_archived=True,
        sequence_index=3, module_type=ModuleType.TOPIC, provenance=PROVENANCE, updated_at=LATER,
    )  # fmt: skip
    async with store.write() as tx:
        await tx.modules.save(changed)
    async with store.read() as tx:
        assert await tx.modules.get(module.id) == changed
        assert list(await tx.modules.of_course(course.id)) == [parent, changed]


async def test_the_modules_below_a_parent_come_in_their_sequence(store: Store) -> None:
    course, other = await add_course(store), await add_course(store)
    top = [await add_module(store, course, sequence_index=at) for at in (2, 1, 1)]
    below = [
        await add_module(store, course, parent_module_id=top[0].id, sequence_index=at)
        for at in (1, 0)
    ]
    hidden = await add_module(store, course, parent_module_id=top[0].id, is_archived=True)
    await add_module(store, other)
    async with store.read() as tx:
        assert list(await tx.modules.of_parent(course.id, None)) == [top[1], top[2], top[0]]
        found = list(await tx.modules.of_parent(course.id, top[0].id))
        assert found == [below[1], hidden, below[0]]
        assert list(await tx.modules.of_parent(course.id, below[0].id)) == []
        assert list(await tx.modules.of_parent(other.id, top[0].id)) == []
        assert list(await tx.modules.of_parent(NOBODY, None)) == []


async def test_the_way_up_and_all_below_are_found(store: Store) -> None:
    course = await add_course(store)
    top = await add_module(store, course)
    line = [top]
    for _ in range(11):
        line.append(await add_module(store, course, parent_module_id=line[-1].id))
    beside = await add_module(store, course, parent_module_id=line[3].id)
    async with store.read() as tx:
        assert list(await tx.modules.path(line[-1].id)) == line
        assert list(await tx.modules.path(top.id)) == [top]
        assert list(await tx.modules.path(NOBODY)) == []
        paths = await tx.modules.paths([line[-1].id, top.id, beside.id, NOBODY])
        assert {each: list(path) for each, path in paths.items()} == {
            line[-1].id: line, top.id: [top], beside.id: [*line[:4], beside],
        }  # fmt: skip
        assert await tx.modules.paths([]) == {}
        assert list(await tx.modules.subtree(line[3].id)) == [*line[3:], beside]
        assert list(await tx.modules.subtree(beside.id)) == [beside]
        assert list(await tx.modules.subtree(NOBODY)) == []


async def test_a_circle_in_the_data_ends_the_way_up_and_down(store: Store) -> None:
    course = await add_course(store)
    one = await add_module(store, course)
    two = await add_module(store, course, parent_module_id=one.id)
    ring = structs.replace(one, parent_module_id=two.id)
    async with store.write() as tx:
        await tx.modules.save(ring)
    async with store.read() as tx:
        assert list(await tx.modules.path(two.id)) == [ring, two]
        assert [list(each) for each in (await tx.modules.paths([two.id])).values()] == [[ring, two]]
        assert list(await tx.modules.subtree(two.id)) == [ring, two]


async def test_the_root_of_a_course_is_found(store: Store) -> None:
    course, other = await add_course(store), await add_course(store)
    await add_module(store, course)
    root = await add_module(store, course, module_type=ModuleType.COURSE_ROOT)
    await add_module(store, other)
    async with store.read() as tx:
        assert await tx.modules.root(course.id) == root
        assert await tx.modules.root(other.id) is None


async def test_a_new_order_is_all_that_changes(store: Store) -> None:
    course = await add_course(store)
    added = [await add_module(store, course) for _ in range(3)]
    moved = [
        structs.replace(each, sequence_index=2 - at, updated_at=LATER, title="not stored")
        for at, each in enumerate(added)
    ]
    async with store.write() as tx:
        await tx.modules.reorder(moved)
        await tx.modules.reorder([])
    async with store.read() as tx:
        assert list(await tx.modules.of_parent(course.id, None)) == [
            structs.replace(each, title="Unit") for each in reversed(moved)
        ]
