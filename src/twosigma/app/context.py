"""A session's context: which prompt, which model, which material, read in one snapshot."""

import logging
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from twosigma.app.access import CONTENT_MISSING, require_learner
from twosigma.app.prompt_graph import read_graph
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Course
from twosigma.domain.content import ContentType, Item, learning_text
from twosigma.domain.context import (
    PERSONAL_VARIABLES,
    Stamp,
    fingerprint,
    part_digests,
    personal_variables,
    settings_digest,
)
from twosigma.domain.errors import Missing, Unavailable
from twosigma.domain.llm import Context, Material
from twosigma.domain.modules import Module, is_live
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompt_resolution import Unresolvable, resolve
from twosigma.domain.prompt_template import fill, variables_of
from twosigma.domain.prompt_values import prompt_values
from twosigma.domain.prompts import TEXT, PromptVersion
from twosigma.domain.quiz import Question, asked, questions_of
from twosigma.domain.users import User
from twosigma.ports.llm import Llm
from twosigma.ports.prompts import PromptsReader
from twosigma.ports.store import Read

FALLBACK_PROMPT = "Tutor"
"""The prompt where neither item, course nor content type names one."""
CACHE_OFF = "cache switched off for the course"
PERSONAL = "personal variable"
REMEMBERED = 256
"""How many items' contexts are kept at hand."""

_log = logging.getLogger(__name__)


class Place(Struct, frozen=True, kw_only=True):
    """An item and all it hangs in. `path`: the modules from the root down to its own."""

    course: Course
    item: Item
    kind: ContentType
    path: tuple[Module, ...]
    is_visible: bool


class Scene(Struct, frozen=True, kw_only=True):
    """What a turn starts with: the context, and the state of the world it was read in.

    `off`: why the cache may not be used, if so; `stamp` is to be written on the session only
    while the cache is usable and the item visible (None otherwise).
    """

    place: Place
    questions: tuple[Question, ...]
    context: Context
    fingerprint: bytes
    parts: Mapping[str, str]
    off: str | None
    stamp: Stamp | None
    prompt: PromptVersion
    time_zone: str
    as_staff: bool


class ItemKey(Struct, frozen=True, kw_only=True):
    """An item, and the course that it is of."""

    item_id: int
    course_id: int


class Prepared(Struct, frozen=True, kw_only=True):
    """What is the same for all learners of an item in one language, under one stamp. Where a
    personal variable is named, the context is each learner's own."""

    place: Place
    questions: tuple[Question, ...]
    prompt: PromptVersion
    text: str
    context: Context
    fingerprint: bytes
    parts: Mapping[str, str]
    is_personal: bool
    off: str | None


class NotReady(Unavailable):
    """The prompt of a place cannot be found or resolved: nobody can be taught there now."""


class Contexts:
    """Assembles contexts. Knows the model's own settings, which are part of every stamp.

    What it prepared is remembered by the stamp it was read under, never by time: whatever can
    change it raises an epoch in the same transaction.
    """

    def __init__(self, llm: Llm) -> None:
        self._llm = llm
        self._prepared: dict[tuple[int, str, Stamp], Prepared] = {}
        self.settings = settings_digest(llm.model_id(None), llm.parameters)

    async def place(self, tx: Read, item_id: int) -> Place:
        """Where an item hangs; raises Missing where there is none."""
        place = (await self._places(tx, [item_id])).get(item_id)
        if place is None:
            raise Missing(CONTENT_MISSING)
        return place

    async def _places(self, tx: Read, item_ids: Collection[int]) -> dict[int, Place]:
        """Where those of these items hang that there are."""
        items = await tx.content.get_all(item_ids)
        if not items:
            return {}
        courses = await tx.catalog.get_courses({item.course_id for item in items.values()})
        kinds = {kind.id: kind for kind in await tx.content.types()}
        paths = await tx.modules.paths({item.module_id for item in items.values()})
        return {
            item.id: _place(
                courses[item.course_id], item, kinds[item.content_type_id], paths[item.module_id]
            )
            for item in items.values()
        }

    async def scene(self, tx: Read, user: User, item: ItemKey, locale: str) -> Scene:
        """All that a turn of this account about this item starts with.

        Raises Missing and Forbidden as `require_learner` says; NotReady where the prompt cannot
        be found or resolved.
        """
        platform, course = await tx.epochs.read(item.course_id)
        stamp = Stamp(platform=platform, course=course, settings=self.settings)
        known = (item.item_id, locale, stamp)
        prepared = self._prepared.get(known)
        if prepared is None:
            prepared = await self._prepare(tx, item.item_id, locale)
            self._remember(known, prepared)
        place = prepared.place
        actor = Actor(user_id=user.id, role=user.role)
        as_staff = await require_learner(tx, actor, place.course, is_visible=place.is_visible)
        context, print_of, parts = prepared.context, prepared.fingerprint, prepared.parts
        if prepared.is_personal:
            # This learner's own, and nobody else's: made anew, and never remembered.
            context = self._context(place, prepared.prompt, prepared.text, locale, user)
            print_of, parts = fingerprint(context), part_digests(context)
        usable = prepared.off is None and place.is_visible
        return Scene(
            place=place,
            questions=prepared.questions,
            context=context,
            fingerprint=print_of,
            parts=parts,
            off=prepared.off,
            stamp=stamp if usable else None,
            prompt=prepared.prompt,
            time_zone=user.time_zone,
            as_staff=as_staff,
        )

    async def _prepare(self, tx: Read, item_id: int, locale: str) -> Prepared:
        place = await self.place(tx, item_id)
        prompt, text = await self._prompt(tx.prompts, place)
        context = self._context(place, prompt, text, locale, None)
        is_personal = bool(personal_variables(variables_of(text)))
        off = PERSONAL if is_personal else None
        return Prepared(
            place=place,
            questions=questions_of(place.item.data_json),
            prompt=prompt,
            text=text,
            context=context,
            fingerprint=fingerprint(context),
            parts=part_digests(context),
            is_personal=is_personal,
            off=off if place.course.cache_enabled else CACHE_OFF,
        )

    def _remember(self, known: tuple[int, str, Stamp], prepared: Prepared) -> None:
        if len(self._prepared) >= REMEMBERED:
            del self._prepared[next(iter(self._prepared))]
        self._prepared[known] = prepared

    async def current_fingerprints(self, tx: Read, item_ids: Collection[int]) -> frozenset[bytes]:
        """The trees that new sessions about these items may use now: of each item one for each
        locale, none where it is gone or without a prompt. Raises Unavailable."""
        places = [
            place
            for place in (await self._places(tx, item_ids)).values()
            if place.course.cache_enabled
        ]
        prompts = await tx.prompts.find({_wanted(place) for place in places})
        graph = await read_graph(tx.prompts, prompts.values())
        current: set[bytes] = set()
        for place in places:
            try:
                prompt, text = _resolved(place, prompts, graph)
            except NotReady:
                continue
            if not personal_variables(variables_of(text)):
                current |= {
                    fingerprint(self._context(place, prompt, text, locale, None))
                    for locale in place.course.locales
                }
        return frozenset(current)

    def _context(
        self, place: Place, prompt: PromptVersion, text: str, locale: str, user: User | None
    ) -> Context:
        """The context; `user` only where the prompt names a personal variable."""
        material = material_of(place, questions_of(place.item.data_json))
        return Context(
            content_item_id=place.item.id,
            content_revision=place.item.revision,
            prompt_version_id=prompt.id,
            system=self._filled(text, prompt, material, locale, user),
            material=material,
            model=self._llm.model_id(place.course.llm_model),
            parameters=self._llm.parameters,
            locale=locale,
        )

    async def _prompt(self, prompts: PromptsReader, place: Place) -> tuple[PromptVersion, str]:
        """The prompt version of this place and its resolved text; raises NotReady."""
        found = await prompts.find([_wanted(place)])
        return _resolved(place, found, await read_graph(prompts, found.values()))

    def _filled(
        self, text: str, prompt: PromptVersion, material: Material, locale: str, user: User | None
    ) -> str:
        """The prompt with its variables filled; `user` only where it names a personal one."""
        values = prompt_values(material, locale)
        if user is not None:
            values |= {"user_name": user.full_name, "time_zone": user.time_zone}
        known = values.keys() | PERSONAL_VARIABLES
        unknown = [name for name in variables_of(text) if name not in known]
        if unknown:
            _log.warning(
                "prompt %r version %d: nobody fills %s",
                prompt.name, prompt.version, ", ".join(unknown),
            )  # fmt: skip
        return fill(text, values)


def _place(course: Course, item: Item, kind: ContentType, path: Sequence[Module]) -> Place:
    return Place(
        course=course,
        item=item,
        kind=kind,
        path=tuple(path),
        is_visible=course.is_published and not item.is_archived and is_live(path),
    )


def _wanted(place: Place) -> Ref:
    """Which prompt teaches here: the nearest one that is named."""
    name = place.item.prompt_name or place.course.prompt_name or place.kind.prompt_name
    return Ref(name=name or FALLBACK_PROMPT, label=place.course.prompt_label)


def _resolved(
    place: Place, prompts: Mapping[Ref, PromptVersion], graph: Mapping[Ref, PromptVersion]
) -> tuple[PromptVersion, str]:
    """The version of this place and its text with all that it refers to; raises NotReady."""
    wanted = _wanted(place)
    prompt = prompts.get(wanted)
    if prompt is None or prompt.type != TEXT:
        _log.error("prompt %r has no text version labeled %r", wanted.name, wanted.label)
        raise _not_ready()
    try:
        return prompt, resolve(prompt, graph).text
    except Unresolvable as error:
        _log.error("prompt %r version %d: %s", wanted.name, prompt.version, error.detail)
        raise _not_ready() from error


def material_of(place: Place, questions: tuple[Question, ...]) -> Material:
    """What the tutor may know of an item; without any key."""
    return Material(
        title=place.item.title,
        description=place.item.description,
        content_type=place.kind.name,
        course_title=place.course.title,
        module_title=place.path[-1].title if place.path else "",
        module_path=tuple(module.title for module in place.path),
        text=learning_text(place.item.data_json),
        questions=tuple(asked(question) for question in questions),
    )


def _not_ready() -> NotReady:
    return NotReady("The tutor is not set up for this content right now", retry_after=30)
