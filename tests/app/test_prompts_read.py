"""Prompts read: lists, one as it resolves, previews, differences."""

from typing import Any

import pytest
from msgspec import structs

from tests.app.prompt_drafts import label, make, production
from tests.app.school import INSTALLED, School, build
from twosigma.domain.errors import Conflict, Invalid, Missing
from twosigma.domain.prompt_lists import Numbered, PromptFilter
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.testing import in_memory

PARTS = ({"role": "system", "content": "Teach."}, {"type": "placeholder", "name": "history"})


async def listed(school: School, **wanted: Any) -> dict[str, tuple[int, ...]]:
    groups, total = await school.core.prompts_read.list(
        school.actor("admin"), PromptFilter(**wanted), Numbered()
    )
    assert total == len(groups)
    return {group.name: group.versions for group in groups}


async def test_filters_look_at_versions_and_groups_tell_of_those_that_fit() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "a_b", labels=("x",), tags=("t",))
        await make(school, "a_b", labels=("y",))
        await make(school, "aXb", labels=("x",))
        assert await listed(school, name="A_") == {"a_b": (1, 2)}
        assert await listed(school, label="x") == {"a_b": (1,), "aXb": (1,)}
        assert await listed(school, label="latest", tag="t") == {"a_b": (2,)}
        assert await listed(school, label="x", tag="none") == {}
        assert list(await listed(school)) == ["Style", *INSTALLED, "Voice", "aXb", "a_b"]


async def test_a_list_comes_in_pages() -> None:
    async with in_memory() as world:
        school = await build(world)
        read = school.core.prompts_read.list
        for page, names in ((1, ["Style", *INSTALLED]), (2, ["Voice"]), (3, [])):
            groups, total = await read(
                school.actor("owner"), PromptFilter(), Numbered(page=page, size=8)
            )
            assert ([group.name for group in groups], total) == (names, 9)


async def test_names_and_labels_are_all_there_are() -> None:
    async with in_memory() as world:
        school = await build(world)
        view = await make(school, "Style", labels=("b", "a"))
        read, admin = school.core.prompts_read, school.actor("admin")
        assert list(await read.labels(admin)) == ["a", "b", "production", "latest"]
        groups = {group.name: group for group in await read.groups(admin)}
        assert groups["Style"].newest_id == view.prompt.id
        assert groups["Style"].versions == (1, 2)


async def test_a_version_is_got_by_number_by_label_or_as_production() -> None:
    async with in_memory() as world:
        school = await build(world)
        read, admin = school.core.prompts_read, school.actor("admin")
        await make(school, "Style", "Be long.", labels=("x",))
        for version, name, wanted in (
            (1, None, 1), (2, None, 2), (None, "x", 2), (None, "latest", 2), (None, None, 1),
        ):  # fmt: skip
            view = await read.get(admin, "Style", version, name)
            assert view.prompt.version == wanted
        voice = await read.get(admin, "Voice", None, None)
        assert voice.resolved.text == "Teach {{title}}. Be brief."
        assert voice.prompt.prompt != voice.resolved.text
        for version, name in ((3, None), (None, "y"), (None, ""), (2**31 - 1, None)):
            with pytest.raises(Missing, match=r"^Prompt not found$"):
                await read.get(admin, "Style", version, name)
        with pytest.raises(Conflict, match="not both"):
            await read.get(admin, "Style", 1, "x")
        await make(school, "Unlabeled")
        with pytest.raises(Missing):
            await read.get(admin, "Unlabeled", None, None)


async def test_versions_come_newest_first_with_who_made_them() -> None:
    async with in_memory() as world:
        school = await build(world)
        for who in ("owner", "admin"):
            await make(school, "P", who=who)
        read, admin = school.core.prompts_read, school.actor("admin")
        views, total = await read.versions(admin, "P", Numbered())
        users = [school.people[who] for who in ("admin", "owner")]
        assert [view.creator for view in views] == [one and one.user.full_name for one in users]
        assert ([view.head.version for view in views], total) == ([2, 1], 2)
        views, total = await read.versions(admin, "P", Numbered(page=2, size=1))
        assert ([view.head.version for view in views], total) == ([1], 2)
        (installed,), _ = await read.versions(admin, "Tutor", Numbered())
        assert installed.creator is None
        with pytest.raises(Missing):
            await read.versions(admin, "Nowhere", Numbered())


async def test_two_versions_are_compared() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "P", "a\nb", config={"t": 1})
        await make(school, "P", "a\nc", config={"t": 2})
        read, admin = school.core.prompts_read, school.actor("admin")
        found = await read.diff(admin, "P", 1, 2)
        assert [(part.op, part.lines) for part in found.text] == [
            ("equal", ("a",)), ("delete", ("b",)), ("insert", ("c",)),
        ]  # fmt: skip
        assert [(one.key, one.before, one.after) for one in found.config] == [("t", 1, 2)]
        for before, after in ((1, 3), (3, 1)):
            with pytest.raises(Missing):
                await read.diff(admin, "P", before, after)


async def test_f23_a_preview_fills_variables_once_and_stores_nothing() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = school.dump()
        read, admin = school.core.prompts_read, school.actor("admin")
        inner = "{{title}}@@@langfusePrompt:name=Style|label=production@@@"
        view = await read.preview(admin, "{{title}} " + production("Voice"), {"title": inner})
        assert view.preview.text == f"{inner} Teach {inner}. Be brief."
        assert view.preview.used == ("title",)
        assert view.dependencies == (Ref(name="Voice", label="production"),)
        with pytest.raises(Conflict, match="'Nowhere'"):
            await read.preview(admin, production("Nowhere"), {})
        with pytest.raises(Conflict, match="10000000000"):
            await read.preview(admin, tag_of(Ref(name="Style", version=10**10)), {})
        with pytest.raises(Invalid):
            await read.preview(admin, "", {})
        assert school.dump() == before


async def test_a_chat_is_a_prompt_that_nobody_may_name() -> None:
    async with in_memory() as world:
        school = await build(world)
        chat = await make(school, "Chat", PARTS, type="chat", labels=("production",))
        assert (chat.prompt.type, chat.resolved.messages) == ("chat", chat.prompt.messages)
        with pytest.raises(Conflict, match="not a text prompt"):
            await make(school, "Out", production("Chat"))
        with pytest.raises(Conflict, match="of type 'chat'"):
            await make(school, "Chat", "A text.")
        with pytest.raises(Conflict, match="of type 'text'"):
            await make(school, "Style", PARTS, type="chat")
        named = ({"role": "user", "content": "{{history}}"}, PARTS[1])
        with pytest.raises(Conflict, match="'history'"):
            await make(school, "Chat", named, type="chat")
        inlined = ({"role": "user", "content": production("Style")},)
        view = await make(school, "Chat", inlined, type="chat")
        assert [part.content for part in view.resolved.messages] == ["Be brief."]  # type: ignore[union-attr]  # a message
        with pytest.raises(Conflict, match="'Chat' version 2"):
            await label(school, "Style", 1)


async def test_a_chat_teaches_nobody() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "Chat", PARTS, type="chat", labels=("production",))
        learner = school.people["learner"]
        assert learner is not None
        async with world.ports.store.write() as tx:
            course = await tx.catalog.lock_course(school.course.id)
            assert course is not None
            await tx.catalog.save_course(structs.replace(course, prompt_name="Chat"))
            await tx.epochs.raise_course(course.id)
        view = await school.core.chat_sessions.create(learner.actor, school.course.items[0])
        session = getattr(view, "session", view)
        assert session.position.tree_id is None
