"""Memory and SQLite under the same random writes: whatever can be read of them is equal."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path as FilePath

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests import databases
from tests.contract import builders as make
from tests.contract.names import Names
from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.cache_tree import ROOT, CacheState, NewNode, Position
from twosigma.domain.catalog import Page
from twosigma.domain.chat import Session, Share, TurnStatus
from twosigma.domain.context import Stamp
from twosigma.domain.replies import reply_of
from twosigma.ports.chat import HitRequest
from twosigma.ports.store import Read, Store, Write

DIGESTS = st.sampled_from([b"1" * 32, b"2" * 32])
PRINTS = st.sampled_from([b"a" * 32, b"b" * 32])
KEYS = st.sampled_from([None, "k", "l"])
TURNS = st.sampled_from(["t1", "t2", "t3"])
PICKS = st.integers(0, 3)


class Stores(RuleBasedStateMachine):
    """Sessions, nodes and trees are picked by their place in what is there now."""

    template: FilePath

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="twosigma_test_")
        self.lesson: make.Lesson | None = None

    @initialize()
    def open(self) -> None:
        url = databases.copied_sqlite(self.template, FilePath(self.folder.name))

        async def start() -> None:
            self.sql = SqlStore(url)
            self.stores: list[tuple[Store, Names]] = [
                (MemoryStore(SystemClock()), Names()), (self.sql, Names()),
            ]  # fmt: skip
            for store, _ in self.stores:
                self.lesson = await make.make_lesson(store)

        self.runner.run(start())
        # Something to work on, or most steps would find nothing.
        for fingerprint in (b"a" * 32, b"b" * 32):
            self.add_node(fingerprint, 0, b"1" * 32, "Hi")
            self.add_session(fingerprint)

    def both(self, act: Callable[[Store], Awaitable[object]]) -> None:
        """Do it to both; they must give the same."""

        async def run() -> None:
            memory, sql = [names.plain(await act(store)) for store, names in self.stores]
            assert memory == sql

        self.runner.run(run())

    def write(self, act: Callable[[Write], Awaitable[object]]) -> None:
        async def in_transaction(store: Store) -> object:
            async with store.write() as tx:
                return await act(tx)

        self.both(in_transaction)

    @property
    def known(self) -> make.Lesson:
        """The lesson; its ids are the first in both stores."""
        assert self.lesson is not None
        return self.lesson

    async def session(self, tx: Read, pick: int) -> Session | None:
        sessions, _ = await tx.chat.of_user(self.known.user.id, None, Page())
        return sessions[pick % len(sessions)] if sessions else None

    async def place(self, tx: Read, fingerprint: bytes, pick: int) -> tuple[int | None, int]:
        """(a tree's id, the id of one of its nodes or 0)."""
        tree = await tx.cache.tree(fingerprint)
        if tree is None:
            return None, ROOT
        nodes = [ROOT, *(node.id for node in await tx.cache.nodes(tree.id))]
        return tree.id, nodes[pick % len(nodes)]

    async def stamp(self, tx: Read) -> Stamp:
        platform, course = await tx.epochs.read(self.known.course.id)
        return Stamp(platform=platform, course=course, settings=make.SETTINGS)

    @rule(fingerprint=PRINTS)
    def add_session(self, fingerprint: bytes) -> None:
        async def act(tx: Write) -> Session:
            tree_id, _ = await self.place(tx, fingerprint, 0)
            position, stamp = Position(tree_id=tree_id), await self.stamp(tx)
            return await tx.chat.add(make.new_session(self.known, position=position, stamp=stamp))

        self.write(act)

    @rule(fingerprint=PRINTS, pick=PICKS, digest=DIGESTS, text=st.sampled_from(["x", "yz"]))
    def add_node(self, fingerprint: bytes, pick: int, digest: bytes, text: str) -> None:
        async def act(tx: Write) -> object:
            tree = await tx.cache.lock_or_add_tree(make.new_tree(self.known.item, fingerprint))
            assert tree is not None
            _, parent_id = await self.place(tx, fingerprint, pick)
            reply = await tx.chat.add_reply(reply_of(list(text)))
            node = NewNode(
                tree_id=tree.id, parent_id=parent_id, digest=digest, depth=0, message="m",
                graded=None, reply_id=reply.id, created_at=make.NOW,
            )  # fmt: skip
            return await tx.cache.add_node(node)

        self.write(act)

    @rule(pick=PICKS, turn_id=TURNS, key=KEYS)
    def start_turn(self, pick: int, turn_id: str, key: str | None) -> None:
        async def act(tx: Write) -> None:
            session = await self.session(tx, pick)
            if session is not None:
                await tx.chat.start_turn(session.id, make.new_turn(turn_id, 99, key=key))

        self.write(act)

    @rule(pick=PICKS, turn_id=TURNS)
    def end_turn(self, pick: int, turn_id: str) -> None:
        async def act(tx: Write) -> bool | None:
            session = await self.session(tx, pick)
            if session is None:
                return None
            return await tx.chat.end_turn(session.id, turn_id, TurnStatus.FAILED, "no")

        self.write(act)

    @rule(pick=PICKS, turn_id=TURNS, key=KEYS, is_greeting=st.booleans(), own=st.booleans())
    def add_exchange(
        self, pick: int, turn_id: str, key: str | None, is_greeting: bool, own: bool
    ) -> None:
        async def act(tx: Write) -> object:
            session = await self.session(tx, pick)
            if session is None:
                return None
            node_id = session.position.node_id
            node = None if own or node_id is None else await tx.cache.get_node(node_id)
            reply_id = node.reply_id if node else (await tx.chat.add_reply(reply_of(["z"]))).id
            exchange = make.new_exchange(session, turn_id, reply_id, key=key)
            return await tx.chat.add_exchange(exchange, is_greeting=is_greeting)

        self.write(act)

    @rule(pick=PICKS, digest=DIGESTS, key=KEYS, turn_id=TURNS, is_greeting=st.booleans())
    def advance(
        self, pick: int, digest: bytes, key: str | None, turn_id: str, is_greeting: bool
    ) -> None:
        async def act(store: Store) -> object:
            async with store.read() as tx:
                session = await self.session(tx, pick)
            if session is None:
                return None
            return await store.advance(
                HitRequest(
                    session_id=session.id, user_id=session.user_id, turn_id=turn_id, key=key,
                    content="c", canonical=None, digest=digest, is_greeting=is_greeting,
                    question_id=None, answer=None, settings=make.SETTINGS, now=make.LATER,
                )
            )  # fmt: skip

        self.both(act)

    @rule(pick=PICKS, fingerprint=PRINTS, at=PICKS, state=st.sampled_from(CacheState))
    def move(self, pick: int, fingerprint: bytes, at: int, state: CacheState) -> None:
        async def act(tx: Write) -> None:
            session = await self.session(tx, pick)
            if session is not None:
                tree_id, node_id = await self.place(tx, fingerprint, at)
                place = Position(tree_id=tree_id, node_id=node_id or None, state=state)
                await tx.chat.move(session.id, place, await self.stamp(tx), make.LATER)

        self.write(act)

    @rule(pick=PICKS, token=st.sampled_from([None, "a"]))
    def share(self, pick: int, token: str | None) -> None:
        async def act(tx: Write) -> None:
            session = await self.session(tx, pick)
            if session is None or (token and await tx.chat.shared(token) is not None):
                return
            share = token and Share(token=token, shared_at=make.NOW, message_count=2)
            await tx.chat.set_share(session.id, share or None)

        self.write(act)

    @rule(pick=PICKS)
    def remove(self, pick: int) -> None:
        async def act(tx: Write) -> None:
            session = await self.session(tx, pick)
            if session is not None:
                await tx.chat.remove(session.id)

        self.write(act)

    @rule(fingerprint=PRINTS)
    def prune(self, fingerprint: bytes) -> None:
        async def act(tx: Write) -> int:
            tree_id, _ = await self.place(tx, fingerprint, 0)
            return await tx.cache.prune(tree_id or make.NOBODY, make.LATER)

        self.write(act)

    @rule(platform=st.booleans())
    def raise_epoch(self, platform: bool) -> None:
        async def act(tx: Write) -> None:
            if platform:
                await tx.epochs.raise_platform()
            else:
                await tx.epochs.raise_course(self.known.course.id)

        self.write(act)

    @rule(pick=PICKS, fingerprint=PRINTS)
    def fail(self, pick: int, fingerprint: bytes) -> None:
        async def act(store: Store) -> None:
            async with make.rolled_back(store) as tx:
                await tx.epochs.raise_platform()
                await tx.chat.add(make.new_session(self.known))
                session = await self.session(tx, pick)
                assert session is not None
                await tx.chat.remove(session.id)
                tree_id, _ = await self.place(tx, fingerprint, 0)
                await tx.cache.prune(tree_id or make.NOBODY, make.LATER)

        self.both(act)

    @rule()
    def renew(self) -> None:
        async def act(store: Store) -> list[str]:
            return sorted(await store.renew("here", 99))

        self.both(act)

    @invariant()
    def they_read_the_same(self) -> None:
        if self.lesson is not None:
            self.both(self.everything)

    async def everything(self, store: Store) -> list[object]:
        """All that these writes can be seen by."""
        async with store.read() as tx:
            sessions, total = await tx.chat.of_user(self.known.user.id, None, Page())
            seen: list[object] = [list(sessions), total, await tx.chat.shared("a")]
            seen += [await tx.epochs.read(self.known.course.id)]
            seen += [await tx.activity.hours_of([self.known.user.id])]
            for session in sessions:
                seen += [list(await tx.chat.messages(session.id, Page()))]
                seen += [list(await tx.activity.of_session(session.id))]
                seen += [await tx.chat.greeting(session.id)]
                seen += [await tx.chat.turn_by_key(session.id, "k")]
            for tree in await tx.cache.trees(None, None):
                nodes = list(await tx.cache.nodes(tree.id))
                seen += [tree, nodes]
                hits, gone = await tx.cache.hits(tree.id), await tx.cache.divergences(tree.id)
                seen += [[(hits.get(node.id), gone.get(node.id)) for node in nodes]]
                seen += [len(hits), len(gone), await tx.cache.last_used(tree.id)]
        return seen

    def teardown(self) -> None:
        if self.lesson is not None:
            self.runner.run(self.sql.dispose())
        self.runner.close()
        self.folder.cleanup()


def test_whatever_is_written_memory_and_sqlite_read_the_same(sqlite_template: FilePath) -> None:
    class Machine(Stores):
        template = sqlite_template

    run_state_machine_as_test(Machine, settings=settings(max_examples=15, stateful_step_count=20))
