"""Sessions: open, list, read, share, erase."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from twosigma.app.access import (
    CONTENT_MISSING,
    active_user,
    owned,
    require_active,
    require_learner,
)
from twosigma.app.context import Contexts, ItemKey, NotReady, Place
from twosigma.app.turn_tasks import TurnTasks
from twosigma.domain.actor import Actor
from twosigma.domain.cache_tree import Position
from twosigma.domain.catalog import Page
from twosigma.domain.chat import (
    SHOWN_MESSAGES,
    Message,
    NewSession,
    Session,
    as_shown,
    is_share_open,
    new_share,
)
from twosigma.domain.context import Stamp
from twosigma.domain.errors import Fault, Invalid, Missing
from twosigma.domain.message_meta import as_told
from twosigma.domain.users import User
from twosigma.domain.values import best_locale
from twosigma.ports.clock import Clock
from twosigma.ports.secrets import Random
from twosigma.ports.store import Read, Store

MAX_SHARE_DAYS = 365
_PUBLIC_CONTEXT = ("course_title", "module_title", "content_title", "content_type", "locale")
_SHARE_MISSING = "Shared session not found"


class SessionView(Struct, frozen=True, kw_only=True):
    """A session with the messages that come with it."""

    session: Session
    messages: Sequence[Message]


class SharedView(Struct, frozen=True, kw_only=True):
    """What a public link shows: no ids, no names, no meta."""

    title: str
    content_context: Mapping[str, object]
    messages: Sequence[Message]
    session: Session


class ChatSessions:
    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        random: Random,
        contexts: Contexts,
        tasks: TurnTasks,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._contexts = contexts
        self._tasks = tasks

    async def create(self, actor: Actor, item_id: int) -> Session:
        """Open a session about an item; its context is frozen as it is now.

        Raises Missing for an item that is not to be seen, Forbidden for those not enrolled.
        """
        async with self._store.read() as tx:
            user = await active_user(tx, actor.user_id)
            item = await tx.content.get(item_id)
            course = await tx.catalog.course(item.course_id) if item is not None else None
            if course is None:
                raise Missing(CONTENT_MISSING)
            locale = best_locale(user.locale, course.locales)
            key = ItemKey(item_id=item_id, course_id=course.id)
            place, position, stamp = await self._start(tx, user, key, locale)
        async with self._store.write() as tx:
            # In the order in which they are removed: course, account, item, tree.
            course = await tx.catalog.hold_course(place.course.id)
            require_active(await tx.accounts.hold(actor.user_id))
            if course is None or not await tx.content.hold(item_id):
                raise Missing(CONTENT_MISSING)
            if position.tree_id is not None and not await tx.cache.hold_tree(position.tree_id):
                position, stamp = Position(), None
            return await tx.chat.add(
                NewSession(
                    user_id=actor.user_id,
                    content_item_id=item_id,
                    course_id=place.course.id,
                    locale=locale,
                    content_context=frozen_context(place, locale),
                    title=place.item.title,
                    position=position,
                    stamp=stamp,
                    created_at=self._clock.now(),
                )
            )

    async def _start(
        self, tx: Read, user: User, item: ItemKey, locale: str
    ) -> tuple[Place, Position, Stamp | None]:
        """Where a session begins: at the root of the tree that is current now, so that the
        greeting can be a hit; nowhere yet, where there is none or the prompt is not in order."""
        try:
            scene = await self._contexts.scene(tx, user, item, locale)
        except NotReady:
            place = await self._contexts.place(tx, item.item_id)
            actor = Actor(user_id=user.id, role=user.role)
            await require_learner(tx, actor, place.course, is_visible=place.is_visible)
            return place, Position(), None
        tree = await tx.cache.tree(scene.fingerprint) if scene.stamp is not None else None
        if tree is None:
            return scene.place, Position(), None
        return scene.place, Position(tree_id=tree.id), scene.stamp

    async def list(
        self, actor: Actor, item_id: int | None, page: Page
    ) -> tuple[Sequence[Session], int]:
        """The actor's sessions, newest first, and how many in all."""
        async with self._store.read() as tx:
            rows, total = await tx.chat.of_user(actor.user_id, item_id, page)
        now = self._clock.now()
        return [as_shown(session, now) for session in rows], total

    async def get(self, actor: Actor, session_id: int) -> SessionView:
        """A session of the actor's with its last messages."""
        async with self._store.read() as tx:
            session = owned(await tx.chat.get(session_id), actor.user_id)
            messages = await tx.chat.last_messages(session_id, SHOWN_MESSAGES)
        return SessionView(session=as_shown(session, self._clock.now()), messages=_told(messages))

    async def messages(
        self, actor: Actor, session_id: int, page: Page
    ) -> tuple[Sequence[Message], int]:
        """A page of a session's messages, and how many in all."""
        async with self._store.read() as tx:
            session = owned(await tx.chat.get(session_id), actor.user_id)
            messages = await tx.chat.messages(session_id, page)
        return _told(messages), session.message_count

    async def remove(self, actor: Actor, session_id: int) -> None:
        """Erase a session: its messages, its link, a running turn. Nodes stay."""
        async with self._store.write() as tx:
            session = owned(await tx.chat.lock(session_id), actor.user_id)
            await tx.chat.remove(session_id)
        if session.turn is not None:
            self._tasks.stop(session.turn.id)

    async def share(self, actor: Actor, session_id: int, days: int | None = None) -> str:
        """The token of the session's public link, which now shows all messages so far."""
        if days is not None and not 1 <= days <= MAX_SHARE_DAYS:
            loc = ("body", "expires_in_days")
            kind = "value_error.number.not_ge" if days < 1 else "value_error.number.not_le"
            raise Invalid([Fault(loc, f"Must be between 1 and {MAX_SHARE_DAYS}", kind)])
        now = self._clock.now()
        async with self._store.write() as tx:
            session = owned(await tx.chat.lock(session_id), actor.user_id)
            share = new_share(session.share, self._random.token(), session.message_count, days, now)
            await tx.chat.set_share(session_id, share)
        return share.token

    async def revoke_share(self, actor: Actor, session_id: int) -> None:
        """End the link; sharing again gives a new token."""
        async with self._store.write() as tx:
            owned(await tx.chat.lock(session_id), actor.user_id)
            await tx.chat.set_share(session_id, None)

    async def shared(self, token: str) -> SharedView:
        """What a link shows; one text for every token that shows nothing."""
        async with self._store.read() as tx:
            session = await tx.chat.shared(token)
            if session is None or not is_share_open(session.share, self._clock.now()):
                raise Missing(_SHARE_MISSING)
            count = session.share.message_count if session.share is not None else 0
            said = await tx.chat.messages(session.id, Page(limit=count)) if count else ()
        context = {name: session.content_context.get(name) for name in _PUBLIC_CONTEXT}
        return SharedView(
            title=session.title,
            content_context=context,
            messages=_told(said),
            session=session,
        )


def _told(messages: Sequence[Message]) -> Sequence[Message]:
    return [as_told(message) for message in messages]


def frozen_context(place: Place, locale: str) -> dict[str, object]:
    """What a session remembers of its item; never an answer key."""
    return {
        "course_id": place.course.id,
        "course_title": place.course.title,
        "module_id": place.item.module_id,
        "module_title": place.path[-1].title if place.path else "",
        "module_path": [module.title for module in place.path],
        "content_item_id": place.item.id,
        "content_title": place.item.title,
        "description": place.item.description,
        "content_type": place.kind.name,
        "locale": locale,
    }
