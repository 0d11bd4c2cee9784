"""Prompts, their versions, labels and tags, the same in every store."""

import asyncio

from msgspec import structs

from tests.contract.builders import LATER, NOW, rolled_back
from twosigma.domain.chat_prompts import ChatMessage, Placeholder
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompts import NewPromptVersion, PromptVersion
from twosigma.ports.store import Store


async def add(store: Store, name: str = "Tutor", **changes: object) -> PromptVersion:
    prompt = NewPromptVersion(name=name, prompt="You teach.", created_by="ada", created_at=NOW)
    async with store.write() as tx:
        await tx.prompts.lock()
        return await tx.prompts.add(structs.replace(prompt, **changes))


async def set_labels(store: Store, version: int, *labels: str) -> PromptVersion:
    async with store.write() as tx:
        await tx.prompts.lock()
        return await tx.prompts.set_labels("Tutor", version, labels, LATER)


async def labels_of(store: Store) -> dict[int, list[str]]:
    async with store.read() as tx:
        return {each.version: sorted(each.labels) for each in await tx.prompts.versions("Tutor")}


async def test_a_version_reads_back_as_it_was_added(store: Store) -> None:
    added = await add(
        store, "folder/Tütor", prompt="Teach {{title}}.\n", config={"b": 1, "a": [1.5, None]},
        labels=("production", "canary"), tags=("math", "Ü"), commit_message="first",
    )  # fmt: skip
    assert (added.name, added.version, added.type) == ("folder/Tütor", 1, "text")
    assert (added.prompt, added.config) == ("Teach {{title}}.\n", {"b": 1, "a": [1.5, None]})
    assert sorted(added.labels) == ["canary", "latest", "production"]
    assert (added.tags, added.commit_message, added.created_by) == (("math", "Ü"), "first", "ada")
    assert (added.created_at, added.updated_at) == (NOW, NOW)
    async with store.read() as tx:
        assert await tx.prompts.version("folder/Tütor", 1) == added
        assert await tx.prompts.labeled("folder/Tütor", "production") == added
        assert await tx.prompts.labeled("folder/Tütor", "latest") == added
        assert list(await tx.prompts.versions("folder/Tütor")) == [added]


async def test_a_number_from_elsewhere_is_kept_where_it_is_still_to_come(store: Store) -> None:
    numbers = [(await add(store, version=wanted)).version for wanted in (3, 2, 4, 9, 1)]
    assert numbers == [3, 4, 5, 9, 10]
    async with store.write() as tx:
        await tx.prompts.lock()
        await tx.prompts.remove("Tutor", numbers)
    assert (await add(store, version=10)).version == 11


async def test_many_are_added_as_one_after_the_other(store: Store) -> None:
    drafts = [
        NewPromptVersion(
            name=name, prompt=f"{at}", version=number, labels=labels, tags=tags, config={"at": at},
            type="chat" if name == "c" else "text", created_by="ada", created_at=NOW,
            messages=(ChatMessage(role="user", content="x"),) if name == "c" else (),
        )
        for at, (name, number, labels, tags) in enumerate([
            ("a", 3, ("x", "y"), ("t",)), ("c", 1, (), ()), ("a", 2, ("x",), None),
            ("a", 9, ("latest",), ()), ("b", 1, ("x",), None), ("c", 2, ("x",), ("u", "v")),
        ])
    ]  # fmt: skip

    async def added(prefix: str, *, at_once: bool) -> list[PromptVersion]:
        new = [structs.replace(one, name=f"{prefix}/{one.name}") for one in drafts]
        async with store.write() as tx:
            await tx.prompts.lock()
            await tx.prompts.add(structs.replace(new[0], labels=("y", "z")))
            if at_once:
                numbers = await tx.prompts.add_all(new)
            else:
                numbers = [(await tx.prompts.add(one)).version for one in new]
            assert list(numbers) == [4, 1, 5, 9, 1, 2]
        async with store.read() as tx:
            return [
                structs.replace(one, id=0, name=one.name.removeprefix(prefix))
                for one in await tx.prompts.all_versions()
                if one.name.startswith(prefix)
            ]

    assert await added("many", at_once=True) == await added("each", at_once=False)
    async with store.write() as tx:
        assert list(await tx.prompts.add_all([])) == []


async def test_an_unknown_prompt_is_none(store: Store) -> None:
    await add(store)
    async with store.read() as tx:
        assert await tx.prompts.version("Tutor", 2) is None
        assert await tx.prompts.version("Nobody", 1) is None
        assert await tx.prompts.labeled("Tutor", "production") is None
        assert await tx.prompts.labeled("Nobody", "latest") is None
        assert list(await tx.prompts.versions("Nobody")) == []


async def test_versions_are_found_by_what_names_them(store: Store) -> None:
    first = await add(store, labels=("production",))
    await add(store, labels=("canary",), tags=("math",))
    last = await add(store)
    other = await add(store, "Style", labels=("production",))
    by_number, by_label = Ref(name="Tutor", version=1), Ref(name="Tutor", label="production")
    latest, style = Ref(name="Tutor", label="latest"), Ref(name="Style", label="production")
    # Of the one name there is a second version, of the other a label `canary`; not the other way.
    nothing = [
        Ref(name="Style", version=2), Ref(name="Style", label="canary"),
        Ref(name="Tutor", version=4), Ref(name="Nobody", label="latest"),
        Ref(name="tutor", version=1),
    ]  # fmt: skip
    async with store.read() as tx:
        first = await tx.prompts.version("Tutor", 1) or first
        last = await tx.prompts.version("Tutor", 3) or last
        found = await tx.prompts.find({by_number, by_label, latest, style, *nothing})
        assert found == {by_number: first, by_label: first, latest: last, style: other}
        assert (last.tags, first.labels) == (("math",), ("production",))
        assert await tx.prompts.find([]) == {}


async def test_names_differ_by_case(store: Store) -> None:
    await add(store)
    assert (await add(store, "tutor")).version == 1


async def test_versions_count_up_and_the_highest_is_the_latest(store: Store) -> None:
    for number in (1, 2, 3):
        assert (await add(store)).version == number
    assert await labels_of(store) == {3: ["latest"], 2: [], 1: []}
    async with store.read() as tx:
        latest = await tx.prompts.labeled("Tutor", "latest")
        assert [each.version for each in await tx.prompts.versions("Tutor")] == [3, 2, 1]
    assert latest is not None
    assert latest.version == 3


async def test_every_version_of_every_name_comes_by_name_and_version(store: Store) -> None:
    for name in ("b", "A", "é", "a", "B", "a"):
        await add(store, name)
    async with store.read() as tx:
        everything = await tx.prompts.all_versions()
    ours = [(each.name, each.version) for each in everything if each.name in "aAbBé"]
    assert ours == [("A", 1), ("B", 1), ("a", 1), ("a", 2), ("b", 1), ("é", 1)]
    assert next(each for each in everything if each.name == "a").labels == ()


async def test_the_labels_of_a_new_version_leave_the_older_ones(store: Store) -> None:
    await add(store, labels=("production", "canary"))
    await add(store, labels=("production",))
    assert await labels_of(store) == {2: ["latest", "production"], 1: ["canary"]}


async def test_a_label_belongs_to_one_version_of_its_name_only(store: Store) -> None:
    await add(store, labels=("production",))
    await add(store, "Other", labels=("production",))
    assert await labels_of(store) == {1: ["latest", "production"]}


async def test_set_labels_replaces_those_of_a_version(store: Store) -> None:
    await add(store, labels=("a", "b"))
    second = await add(store, labels=("c",))
    changed = await set_labels(store, 2, "b", "d")
    assert sorted(changed.labels) == ["b", "d", "latest"]
    assert changed == structs.replace(second, labels=changed.labels, updated_at=LATER)
    assert await labels_of(store) == {2: ["b", "d", "latest"], 1: ["a"]}
    async with store.read() as tx:
        assert await tx.prompts.version("Tutor", 2) == changed
        assert await tx.prompts.labeled("Tutor", "c") is None
        assert await tx.prompts.labeled("Tutor", "b") == changed


async def test_set_labels_with_none_clears_all_but_latest(store: Store) -> None:
    await add(store, labels=("a",))
    await add(store, labels=("b",))
    await set_labels(store, 2)
    await set_labels(store, 1)
    assert await labels_of(store) == {2: ["latest"], 1: []}


async def test_latest_stays_where_it_is(store: Store) -> None:
    await add(store)
    await add(store)
    await set_labels(store, 1, "latest", "a")
    assert await labels_of(store) == {2: ["latest"], 1: ["a"]}


async def test_tags_are_those_of_the_name(store: Store) -> None:
    await add(store, tags=("one", "two"))
    assert (await add(store)).tags == ("one", "two")
    assert (await add(store, tags=("three",))).tags == ("three",)
    async with store.read() as tx:
        assert {each.tags for each in await tx.prompts.versions("Tutor")} == {("three",)}
    assert (await add(store, tags=())).tags == ()
    assert (await add(store)).tags == ()


async def test_many_at_once_get_numbers_one_apart(store: Store) -> None:
    added = await asyncio.gather(
        *(add(store, labels=("production", f"l{number}")) for number in range(6))
    )
    assert sorted(each.version for each in added) == [1, 2, 3, 4, 5, 6]
    borne = await labels_of(store)
    assert [version for version, labels in borne.items() if "production" in labels] == [6]
    assert [version for version, labels in borne.items() if "latest" in labels] == [6]
    assert sum(len(labels) for labels in borne.values()) == 8


async def test_a_version_that_was_rolled_back_leaves_nothing(store: Store) -> None:
    prompt = NewPromptVersion(name="Tutor", prompt="x", created_by="ada", created_at=NOW)
    async with rolled_back(store) as tx:
        await tx.prompts.lock()
        await tx.prompts.add(structs.replace(prompt, labels=("production",), tags=("t",)))
    assert await labels_of(store) == {}
    assert (await add(store)).tags == ()


async def test_a_chat_reads_back_as_it_was_added(store: Store) -> None:
    messages = (ChatMessage(role="system", content='Say "ü"\n'), Placeholder(name="history"))
    added = await add(store, type="chat", prompt="", messages=messages)
    assert (added.type, added.prompt, added.messages) == ("chat", "", messages)
    async with store.read() as tx:
        assert await tx.prompts.version("Tutor", 1) == added
        assert list(await tx.prompts.all_versions()) == [added]


async def test_references_are_found_together(store: Store) -> None:
    one = await add(store, "A", labels=("x",))
    two = await add(store, "A", labels=("y",))
    other = await add(store, "B", labels=("x",))
    there = {
        Ref(name="A", version=1): one, Ref(name="A", label="x"): one,
        Ref(name="A", label="latest"): two, Ref(name="B", label="x"): other,
    }  # fmt: skip
    away = [
        Ref(name="A", version=3), Ref(name="A", version=10**17), Ref(name="A", label="z"),
        Ref(name="Z", label="latest"), Ref(name="B", label="y"),
    ]  # fmt: skip
    async with store.read() as tx:
        found = await tx.prompts.find([*there, *away])
        assert {ref: (row.name, row.version) for ref, row in found.items()} == {
            ref: (row.name, row.version) for ref, row in there.items()
        }
        assert found[Ref(name="A", label="x")].labels == ("x",)
        assert await tx.prompts.find([]) == {}
        assert await tx.prompts.find(away) == {}


async def test_thousands_of_references_are_found(store: Store) -> None:
    added = await add(store, "A", labels=("x",))
    many = [Ref(name="A", version=at) for at in range(1, 8000)]
    many += [Ref(name=f"N{at}", label="x") for at in range(4000)]
    async with store.read() as tx:
        found = await tx.prompts.find([*many, Ref(name="A", label="x")])
    assert found == {Ref(name="A", version=1): added, Ref(name="A", label="x"): added}


async def test_heads_are_the_versions_without_what_they_say(store: Store) -> None:
    await add(store, "A", labels=("x",), tags=("t",))
    await add(store, "A")
    await add(store, "B")
    async with store.read() as tx:
        whole = {(one.name, one.version): one for one in await tx.prompts.all_versions()}
        heads = await tx.prompts.heads()
        assert len(heads) == 3
        for head in heads:
            row = whole[head.name, head.version]
            fields = head.__struct_fields__
            assert [getattr(head, name) for name in fields] == [
                getattr(row, name) for name in fields
            ]
        assert {head.version for head in await tx.prompts.heads("A")} == {1, 2}
        assert list(await tx.prompts.heads("Z")) == []


async def test_tags_are_replaced_on_all_versions(store: Store) -> None:
    await add(store, tags=("one",))
    await add(store)
    other = await add(store, "Other", tags=("mine",))
    async with store.write() as tx:
        await tx.prompts.lock()
        await tx.prompts.set_tags("Tutor", ["two", "three"], LATER)
    async with store.read() as tx:
        rows = await tx.prompts.versions("Tutor")
        assert {(row.tags, row.updated_at) for row in rows} == {(("two", "three"), LATER)}
        assert await tx.prompts.version("Other", 1) == other
