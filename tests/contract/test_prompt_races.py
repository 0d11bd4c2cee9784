"""Writers of prompts at once, by 2, 8 and 32, on every store: nothing dangles, nothing is lost."""

import pytest

from tests.contract.test_use_case_races import at_once, over, refused
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Role
from twosigma.domain.errors import Conflict
from twosigma.domain.prompt_dependents import require_whole
from twosigma.domain.prompt_files import PromptFile
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.ports.store import Store

pytestmark = pytest.mark.parametrize("callers", [2, 8, 32])


def naming(name: str, label: str = "production") -> str:
    return tag_of(Ref(name=name, label=label))


async def require_consistent(store: Store) -> None:
    """Every version resolves, `latest` is on the highest of each name, each label on one."""
    async with store.read() as tx:
        versions = await tx.prompts.all_versions()
    require_whole(versions, {one.name for one in versions})
    for name in {one.name for one in versions}:
        own = [one for one in versions if one.name == name]
        highest = max(one.version for one in own)
        assert [one.version for one in own if "latest" in one.labels] == [highest]
        borne = [label for one in own for label in one.labels]
        assert len(borne) == len(set(borne))


async def test_langfuse_versions_created_at_once_are_all_there(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        draft = PromptDraft(name="Race", prompt="T", labels=("production", "x"))
        results = await at_once(callers, lambda _: world.core.prompts_edit.create(admin, draft))
        assert not any(isinstance(result, Exception) for result in results)
        async with store.read() as tx:
            heads = {head.version: head.labels for head in await tx.prompts.heads("Race")}
        assert heads == {
            number: ("production", "x", "latest") if number == callers else ()
            for number in range(1, callers + 1)
        }


async def test_f64_latest_is_deleted_while_versions_come(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        edit, remove = world.core.prompts_edit, world.core.prompts_remove
        await edit.create(admin, PromptDraft(name="Race", prompt="First."))

        async def act(n: int) -> object:
            if n % 2:
                view = await world.core.prompts_read.get(admin, "Race", None, "latest")
                await remove.remove_version(admin, "Race", view.prompt.version)
                return None
            return await edit.create(admin, PromptDraft(name="Race", prompt=f"Text {n}"))

        results = await at_once(callers, act)
        made = [result for n, result in enumerate(results) if n % 2 == 0]
        assert not any(isinstance(result, Exception) for result in made)
        numbers = sorted(result.prompt.version for result in made)  # type: ignore[attr-defined]  # views
        gone = sum(result is None for n, result in enumerate(results) if n % 2)
        assert len(set(numbers)) == len(numbers)
        async with store.read() as tx:
            left = await tx.prompts.heads("Race")
        assert len(left) == 1 + len(made) - gone
        await require_consistent(store)


async def test_f65_a_prompt_is_deleted_while_others_come_to_depend_on_it(
    store: Store, callers: int
) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        edit, remove = world.core.prompts_edit, world.core.prompts_remove
        for at in range(4):
            name = f"Child {at}"
            await edit.create(admin, PromptDraft(name=name, prompt="c", labels=("production",)))

            async def act(n: int, at: int = at, name: str = name) -> object:
                if n == callers // 2:
                    await remove.remove(admin, name)
                    return None
                draft = PromptDraft(name=f"Parent {at} {n}", prompt=naming(name))
                return await edit.create(admin, draft)

            results = await at_once(callers, act)
            made = sum(not isinstance(result, Exception) for result in results) - (
                results[callers // 2] is None
            )
            is_deleted = results[callers // 2] is None
            assert is_deleted == (made == 0), "either it is gone, or somebody depends on it"
            assert refused(results) == (callers - 1 if is_deleted else 1)
            await require_consistent(store)


async def test_f65_two_writers_close_no_circle_together(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        edit = world.core.prompts_edit
        for n in range(callers):
            draft = PromptDraft(name=f"P{n}", prompt="alone", labels=("production",))
            await edit.create(admin, draft)
        results = await at_once(
            callers,
            lambda n: edit.create(
                admin,
                PromptDraft(
                    name=f"P{n}", prompt=naming(f"P{(n + 1) % callers}"), labels=("production",)
                ),
            ),
        )
        assert refused(results) >= 1
        assert all(isinstance(one, Conflict) for one in results if isinstance(one, Exception))
        await require_consistent(store)


async def test_f63_a_label_moves_taken_away_and_put_on_at_once(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        edit = world.core.prompts_edit
        for n in range(callers):
            await edit.create(admin, PromptDraft(name="Race", prompt="T", labels=(f"own-{n}",)))

        async def act(n: int) -> object:
            if n % 2:
                await edit.take_label(admin, "Race", n + 1, f"own-{n}")
                return None
            return await edit.set_labels(admin, "Race", n + 1, (f"own-{n}", "stable"))

        results = await at_once(callers, act)
        assert not any(isinstance(result, Exception) for result in results)
        async with store.read() as tx:
            rows = {row.version - 1: row.labels for row in await tx.prompts.heads("Race")}
        assert all((f"own-{n}" in rows[n]) == (n % 2 == 0) for n in range(callers))
        await require_consistent(store)


async def test_the_same_files_imported_at_once_are_added_once(store: Store, callers: int) -> None:
    head = b'---\n{"name": "%s", "labels": ["production"]}\n---\n'
    files = [
        PromptFile(path="a/1.md", data=head % b"Race" + naming("Style").encode()),
        PromptFile(path="b/3.md", data=head % b"Style" + b"Be kind."),
    ]
    async with over(store) as world:
        results = await at_once(callers, lambda _: world.core.prompts_port.load(files))
        assert not any(isinstance(result, Exception) for result in results)
        added = [one for result in results for one in result if one.is_new]  # type: ignore[attr-defined]  # reports
        assert sorted((one.name, one.version) for one in added) == [("Race", 1), ("Style", 3)]
        await require_consistent(store)


async def test_the_same_lines_imported_at_once_are_added_once(store: Store, callers: int) -> None:
    lines = "\n".join(
        f'{{"name": "{name}", "version": {number}, "labels": ["production"], "prompt": "{text}"}}'
        for name, number, text in (("Race", 1, naming("Style")), ("Style", 3, "Be kind."))
    ).encode()
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        results = await at_once(callers, lambda _: world.core.prompts_port.import_(admin, lines))
        assert not any(isinstance(result, Exception) for result in results)
        added = [one for result in results for one in result if one.is_new]  # type: ignore[attr-defined]  # reports
        assert sorted((one.name, one.version) for one in added) == [("Race", 1), ("Style", 3)]
        exported = await world.core.prompts_port.export(admin)
        assert {one.created_by for one in exported if one.name in {"Race", "Style"}} == {
            str(admin.user_id)
        }
        await require_consistent(store)
