"""What every installation has."""

import asyncio

import pytest

from tests.app.school import ADD, INSTALLED, build, forget_prompts
from twosigma.adapters.tutor_prompts.shipped import tutor_prompts
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page
from twosigma.domain.content import SYSTEM_TYPES
from twosigma.domain.prompt_template import variables_of
from twosigma.domain.prompts import refs_in
from twosigma.domain.tutor_prompts import AUTHOR
from twosigma.testing import in_memory

SHARED = ("Tutor/Shared/Conduct", "Tutor/Shared/Questions")
TUTORS = tuple(name for name in INSTALLED if name not in SHARED)
KNOWN = {
    "title", "description", "content_type", "course_title", "module_title", "module_path",
    "locale", "content", "questions",
}  # fmt: skip
"""What the material fills in, and nobody's person."""


async def test_content_types_and_the_tutors_prompts_are_there_from_the_start() -> None:
    async with in_memory() as world:
        async with world.ports.store.read() as tx:
            kinds = await tx.content.types()
            prompts = await tx.prompts.all_versions()
            platform, _ = await tx.epochs.read(1)
        assert [kind.name for kind in kinds] == [kind.name for kind in SYSTEM_TYPES]
        assert {kind.name for kind in kinds if kind.is_gradable} == {"quiz", "lab"}
        assert {kind.name: kind.prompt_name for kind in kinds if kind.prompt_name} == {
            "video": "Tutor/Video", "text": "Tutor/Text", "quiz": "Tutor/Quiz", "lab": "Tutor/Lab",
        }  # fmt: skip
        assert {(one.name, one.version, one.created_by) for one in prompts} == {
            (name, 1, AUTHOR) for name in INSTALLED
        }
        assert {one.labels for one in prompts} == {("production", "latest")}
        assert platform == 1


async def test_the_tutors_share_their_protocols_and_a_cache() -> None:
    async with in_memory() as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        for name in TUTORS:
            view = await world.core.prompts_read.get(admin, name, None, None)
            assert {ref.name for ref in refs_in(view.prompt)} == set(SHARED), name
            used = set(variables_of(view.resolved.text))
            assert {"title", "description", "content", "questions", "locale"} <= used, name
            assert used <= KNOWN, name


async def test_what_is_shipped_is_written_as_an_export_writes_it() -> None:
    async with in_memory() as world:
        files = await world.core.prompts_port.dump()
        assert sorted(files, key=lambda file: file.path) == list(tutor_prompts())


async def test_their_installation_is_in_their_history() -> None:
    async with in_memory() as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        for name in INSTALLED:
            acts, _ = await world.core.prompts_trail.history(admin, name, Page())
            assert [(act.entry.action.value, act.actor) for act in acts] == [
                ("prompt.created", None)
            ]


async def test_a_name_that_is_taken_stays_theirs_and_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with in_memory() as world:
        school = await build(world)
        await forget_prompts(world)
        await world.publish("Tutor/Shared/Conduct", "Whatever {{rules}}.")
        async with world.ports.store.write() as tx:
            await tx.prompts.set_labels("Tutor/Shared/Conduct", 1, (), world.clock.now())
        before = school.dump()
        await world.core.installation.install()
        assert school.dump() == before
        assert "Tutor/Shared/Conduct" in caplog.text


async def test_installing_again_changes_nothing() -> None:
    async with in_memory() as world:
        school = await build(world)
        await world.publish("Tutor", "Our own voice.")
        before = school.dump()
        await asyncio.gather(*(world.core.installation.install() for _ in range(3)))
        assert school.dump() == before


async def test_only_what_is_missing_is_put_in_place() -> None:
    async with in_memory() as world:
        school = await build(world)
        await forget_prompts(world)
        kinds = school.dump()["content_types"]
        await world.core.installation.install()
        async with world.ports.store.read() as tx:
            for name in INSTALLED:
                assert len(await tx.prompts.versions(name)) == 1
        assert school.dump()["content_types"] == kinds


async def test_a_new_installation_teaches() -> None:
    async with in_memory() as world:
        await world.core.require_ready()
        course = await world.course(body="Numbers of a kind.", questions=[ADD])
        talk = await (await world.learner(course)).open(course.items[0])
        assert (await talk.greet()).text
        system = world.llm.requests[0].context.system
        assert "{{" not in system
        assert "@@@" not in system
        for part in ("Item 1", "Numbers of a kind.", "2 + 2?", "A: 3"):
            assert part in system
