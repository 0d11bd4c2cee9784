"""A stamp of today on a context of yesterday: what changes a context must raise an epoch."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from msgspec import structs

from tests.app.prompt_calls import Elsewhere
from tests.app.school import UNIVERSITY, School, build, imported, item_fields
from tests.app.use_cases import BEFORE, CALLS, READS, WRITES, method_of, use_cases
from twosigma.app.access import active_user
from twosigma.app.context import Contexts, ItemKey
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.catalog import Level
from twosigma.domain.catalog_rules import CourseChanges
from twosigma.domain.content_rules import ItemChanges
from twosigma.domain.content_type_rules import ContentTypeChanges
from twosigma.domain.errors import DomainError
from twosigma.domain.module_rules import ModuleChanges
from twosigma.domain.modules import ModuleFields
from twosigma.domain.prompt_files import PromptFile
from twosigma.domain.prompt_pull import Pulled
from twosigma.testing import in_memory

SEEN = {"source": imported(), "changed": imported(items=(("i1", "m2", {"body": "Two."}),))}


def change(**fields: Any) -> Callable[[School, str], Awaitable[object]]:
    changes = msgspec.convert(fields, CourseChanges)
    return lambda s, who: s.core.catalog.update_course(s.actor(who), s.course.id, changes)


def change_type(name: str, **fields: Any) -> Callable[[School, str], Awaitable[object]]:
    changes = msgspec.convert(fields, ContentTypeChanges)
    return lambda s, who: s.core.content_types.update(s.actor(who), s.kinds[name], changes)


def change_module(**fields: Any) -> Callable[[School, str], Awaitable[object]]:
    changes = ModuleChanges(**fields)
    return lambda s, who: s.core.modules.update(s.actor(who), s.course.module_id, changes)


def change_item(**fields: Any) -> Callable[[School, str], Awaitable[object]]:
    changes = ItemChanges(**fields)
    return lambda s, who: s.core.content.update(s.actor(who), s.course.items[0], changes)


async def move_module(school: School, who: str) -> None:
    fields = ModuleFields(course_id=school.course.id, title="Above")
    above = await school.core.modules.create(school.actor(who), fields, None)
    await change_module(parent_module_id=above.id)(school, who)


async def move_item(school: School, who: str) -> None:
    fields = ModuleFields(course_id=school.course.id, title="Beside")
    beside = await school.core.modules.create(school.actor(who), fields, None)
    await change_item(module_id=beside.id)(school, who)


def draft(name: str, text: str) -> Callable[[School, str], Awaitable[object]]:
    prompt = PromptDraft(name=name, prompt=text, labels=("production",))
    return lambda s, who: s.core.prompts_edit.create(s.actor(who), prompt)


async def port_all(school: School) -> None:
    await school.core.prompts_port.load(await school.core.prompts_port.dump())


STYLE = b'---\n{"name": "Style", "labels": ["production"]}\n---\nBe quick.\n'
STYLE_LINE = b'{"name":"Style","version":2,"prompt":"Be quick.","labels":["production"]}'
SAME_LINE = b'{"name":"Style","version":1,"prompt":"Be kind.","labels":["tested"]}'
STYLES = Elsewhere([Pulled(name="Style", version=2, prompt="Be quick.", labels=("production",))])

CHANGES: dict[str, Callable[[School, str], Awaitable[object]]] = {
    "title": change(title="Renamed"),
    "locales": change(locales=("es", "en")),
    "publication": change(is_published=False),
    "cache off": change(cache_enabled=False),
    "model": change(llm_model="another/2"),
    "prompt name": change(prompt_name="Tutor"),
    "prompt label": change(prompt_label="tested"),
    "new version": draft("Voice", "Say {{title}}."),
    "new version of a dependency": draft("Style", "Be long."),
    "personal": draft("Style", "Be kind, {{user_name}}."),
    "label of a dependency": lambda s, who: s.core.prompts_edit.set_labels(
        s.actor(who), "Style", 2, ["production"]
    ),
    "label added to a dependency": lambda s, who: s.core.prompts_edit.add_labels(
        s.actor(who), "Style", 2, ["production"]
    ),
    "deleted prompt": lambda s, who: s.core.prompts_remove.remove(s.actor(who), "Voice"),
    "deleted version": lambda s, who: s.core.prompts_remove.remove_version(
        s.actor(who), "Voice", 1
    ),
    "label taken away": lambda s, who: s.core.prompts_edit.take_label(
        s.actor(who), "Voice", 1, "production"
    ),
    "prompts from files": lambda s, _: s.core.prompts_port.load(
        [PromptFile(path="Style/2.md", data=STYLE)]
    ),
    "prompts from lines": lambda s, who: s.core.prompts_port.import_(s.actor(who), STYLE_LINE),
    "prompts from elsewhere": lambda s, _: s.core.prompts_port.pull(STYLES, lambda *_: None),
    "prompt of a type": change_type("text", prompt_name="Style"),
    "title of a module": change_module(title="Renamed"),
    "archived module": change_module(is_archived=True),
    "title of an item": change_item(title="Renamed"),
    "description of an item": change_item(description="Another."),
    "data of an item": change_item(data_json={"body": "Other."}),
    "prompt of an item": change_item(prompt_name="Style"),
    "archived item": change_item(is_archived=True),
    "moved module": move_module,
    "moved item": move_item,
    "import": lambda s, who: s.core.imports.run(SEEN["changed"], UNIVERSITY),
}
"""Writes after which a turn about some item has another context, or none."""

NO_CHANGES: dict[str, Callable[[School, str], Awaitable[object]]] = {
    "description": change(description="Longer."),
    "level": change(level=Level.ADVANCED),
    "is_open": change(is_open=False),
    "label of a type": change_type("text", label="Reading"),
    "another module": lambda s, who: s.core.modules.create(
        s.actor(who), ModuleFields(course_id=s.course.id, title="Another"), 0
    ),
    "another item": lambda s, who: s.core.content.create(s.actor(who), item_fields(s), None, 0),
    "prompts from files that say the same": lambda s, _: port_all(s),
    "a line that says the same": lambda s, who: s.core.prompts_port.import_(
        s.actor(who), SAME_LINE
    ),
    "tags of a prompt": lambda s, who: s.core.prompts_edit.set_tags(s.actor(who), "Voice", ["t"]),
    "description of a module": change_module(description="Longer."),
    "place of a module": change_module(sequence_index=7),
    "place of an item": change_item(sequence_index=7),
    "duration of an item": change_item(estimated_duration_seconds=60),
    "import of the same": lambda s, who: s.core.imports.run(SEEN["source"], UNIVERSITY),
}


async def observed(school: School) -> tuple[dict[object, object], dict[int, tuple[int, int]]]:
    """Of every item: what a turn of the learner, or of staff, would start with, for each
    language; and the epochs of each course."""
    contexts = Contexts(school.world.ports.llm)
    scenes: dict[object, object] = {}
    epochs: dict[int, tuple[int, int]] = {}
    async with school.world.ports.store.read() as tx:
        items = [*school.course.items, *_imported_items(school)]
        for item_id in items:
            item = await tx.content.get(item_id)
            assert item is not None
            epochs[item_id] = await tx.epochs.read(item.course_id)
            for who in ("learner", "admin"):
                try:
                    place = await contexts.place(tx, item_id)
                    for locale in place.course.locales:
                        user = await active_user(tx, school.user_id(who))
                        key = ItemKey(item_id=item_id, course_id=item.course_id)
                        scene = await contexts.scene(tx, user, key, locale)
                        usable = scene.stamp is not None
                        scenes[item_id, who, locale] = (scene.fingerprint, scene.off, usable)
                    scenes[item_id, who] = place.course.locales
                except DomainError as refused:
                    scenes[item_id, who] = repr(refused)
    return scenes, epochs


def _imported_items(school: School) -> list[int]:
    items: Any = school.dump()["items"]
    return [each for each, item in items.items() if item.provenance is not None]


async def _begin(school: School) -> None:
    """A course from elsewhere that the learner is in, and a version that bears no label."""
    report = await school.core.imports.run(SEEN["source"], UNIVERSITY)
    async with school.world.ports.store.write() as tx:
        (offering,) = await tx.catalog.offerings(report.course_id)
        await tx.enrollments.add(school.user_id("learner"), offering.id, school.world.clock.now())
    admin = school.actor("admin")
    await school.core.prompts_edit.create(admin, PromptDraft(name="Style", prompt="Be bold."))


async def test_no_write_use_case_is_forgotten() -> None:
    """A new use case that is neither declared a read nor in the list of calls fails here."""
    async with in_memory(running=False) as world:
        known = set(use_cases(world.core))
    assert known == {method_of(name) for name in CALLS}
    assert known - READS == {method_of(name) for name in WRITES}


@pytest.mark.parametrize("name", WRITES)
async def test_a_changed_context_is_a_raised_epoch(name: str) -> None:
    async with in_memory() as world:
        school = await build(world)
        await _begin(school)
        if name in BEFORE:
            await BEFORE[name](school)
        await _check(school, CALLS[name], must_change=None)


@pytest.mark.parametrize("name", CHANGES)
async def test_what_changes_a_context_raises_an_epoch(name: str) -> None:
    async with in_memory() as world:
        school = await build(world)
        await _begin(school)
        await _check(school, CHANGES[name], must_change=True)


@pytest.mark.parametrize("name", NO_CHANGES)
async def test_what_no_model_is_told_changes_no_context(name: str) -> None:
    async with in_memory() as world:
        school = await build(world)
        await _begin(school)
        await _check(school, NO_CHANGES[name], must_change=False)


async def test_every_field_of_a_course_may_change_and_the_epoch_tells() -> None:
    values: dict[str, Any] = {
        "title": "T", "code": "T1", "description": "T", "level": "GRADUATE", "credit_hours": 7,
        "is_published": False, "is_open": False, "cache_enabled": False, "locales": ["fi"],
        "llm_model": "m", "prompt_name": "Tutor", "prompt_label": "latest", "license": "L",
        "attribution": "A",
    }  # fmt: skip
    elsewhere = {"university_id", "department_id", "primary_subject_id"}
    assert set(values) | elsewhere == set(CourseChanges.__struct_fields__)
    async with in_memory() as world:
        school = await build(world)
        for name, value in values.items():
            school.restore()
            await _check(school, change(**{name: value}), must_change=None)
            _, epochs = await observed(school)
            again = await school.core.catalog.update_course(
                school.actor("admin"), school.course.id, CourseChanges()
            )
            assert getattr(again.course, name) == msgspec.convert(
                value, type(getattr(again.course, name))
            )
            assert (await observed(school))[1] == epochs, "nothing was sent, nothing is raised"


async def _check(
    school: School, write: Callable[[School, str], Awaitable[object]], *, must_change: bool | None
) -> None:
    scenes, epochs = await observed(school)
    await write(school, _doer(write))
    after, raised = await observed(school)
    if must_change is not None:
        assert (after != scenes) == must_change
    for item_id in epochs:
        mine = {key: value for key, value in scenes.items() if key[0] == item_id}  # type: ignore[index]  # keys are tuples
        now = {key: value for key, value in after.items() if key[0] == item_id}  # type: ignore[index]  # keys are tuples
        if mine != now:
            assert raised[item_id] > epochs[item_id], "another context under the same stamp"


def _doer(write: object) -> str:
    """Who calls: the learner, where it is about what only its owner may touch; who erases the
    account is nobody whose lessons are looked at."""
    if write is CALLS["erasure.erase"]:
        return "stranger"
    own = (
        "chat_sessions.",
        "chat_turns.",
        "feature_requests.remove",
        "auth.end_sign_in",
        "progress.report",
    )
    is_own = any(write is call for name, call in CALLS.items() if name.startswith(own))
    return "learner" if is_own else "admin"


async def test_a_write_that_forgets_its_epoch_is_found() -> None:
    """The test of this test: a course renamed behind the use cases' back."""

    async def forgetful(school: School, _: str) -> None:
        async with school.world.ports.store.write() as tx:
            course = await tx.catalog.lock_course(school.course.id)
            assert course is not None
            await tx.catalog.save_course(structs.replace(course, title="Renamed"))

    async with in_memory() as world:
        school = await build(world)
        with pytest.raises(AssertionError, match="same stamp"):
            await _check(school, forgetful, must_change=True)
