"""What every installation has."""

import asyncio

from tests.app.school import build, forget_prompts
from twosigma.domain.content import SYSTEM_TYPES
from twosigma.domain.tutor_prompt import TUTOR_PROMPT
from twosigma.testing import in_memory


async def test_content_types_and_the_tutors_prompt_are_there_from_the_start() -> None:
    async with in_memory() as world:
        async with world.ports.store.read() as tx:
            kinds = await tx.content.types()
            prompt = await tx.prompts.labeled("Tutor", "production")
            platform, _ = await tx.epochs.read(1)
        assert [kind.name for kind in kinds] == [kind.name for kind in SYSTEM_TYPES]
        assert {kind.name for kind in kinds if kind.is_gradable} == {"quiz", "lab"}
        assert prompt is not None
        assert (prompt.prompt, prompt.version, prompt.created_by) == (TUTOR_PROMPT, 1, "2sigma")
        assert platform == 1


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
        await forget_prompts(school)
        kinds = school.dump()["content_types"]
        await world.core.installation.install()
        async with world.ports.store.read() as tx:
            assert len(await tx.prompts.versions("Tutor")) == 1
        assert school.dump()["content_types"] == kinds


async def test_a_new_installation_teaches() -> None:
    async with in_memory() as world:
        await world.core.require_ready()
        course = await world.course()
        talk = await (await world.learner(course)).open(course.items[0])
        assert (await talk.greet()).text
        assert "{{" not in world.llm.requests[0].context.system
