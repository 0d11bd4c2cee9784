"""Generations: one model call for all who wait at an edge of the tree, in a task of its own."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine

from msgspec import Struct

from twosigma.app.context import Scene
from twosigma.app.spending import Spending
from twosigma.domain.cache_tree import ROOT, Edge, Lead, NewNode, Node, Tree, may_store
from twosigma.domain.errors import Unavailable
from twosigma.domain.llm import (
    END_TURN,
    Delta,
    End,
    Graded,
    ModelRefused,
    Piece,
    TutorRequest,
    Usage,
)
from twosigma.domain.replies import chunks_of
from twosigma.domain.spending import Meter, Payer
from twosigma.domain.turn import AWAY, Broken, Call, Emit, Generation, Limits, Whole
from twosigma.ports.clock import Clock
from twosigma.ports.flights import Crashed, Flight, Landed
from twosigma.ports.llm import Llm
from twosigma.ports.store import Store, Write

_log = logging.getLogger(__name__)

USAGE_SECONDS = 2.0
"""How long, after its end, a service may take to tell what a call took."""

Start = Callable[[Coroutine[None, None, None]], asyncio.Task[None]]


class NodePlan(Struct, frozen=True, kw_only=True):
    """The node that a generation is to leave: its place, its message, the verdict on it."""

    lead: Lead
    scene: Scene
    message: str
    graded: Graded | None


class Generations:
    """Runs generations. `start` puts a coroutine into the task group of the process."""

    def __init__(
        self,
        *,
        store: Store,
        llm: Llm,
        clock: Clock,
        limits: Limits,
        spending: Spending,
        start: Start,
    ) -> None:
        self._store = store
        self._llm = llm
        self._clock = clock
        self._limits = limits
        self._spending = spending
        self._start = start
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._payers: dict[int, dict[str, Payer]] = {}

    def launch(self, flight: Flight, request: TutorRequest, node: NodePlan | None) -> None:
        """Begin to fill this flight; `node` None: nothing is to be stored of it."""
        task = self._start(self._run(flight, request, node))
        self._tasks[id(flight)] = task
        self._payers[id(flight)] = {}
        task.add_done_callback(lambda _: self._tasks.pop(id(flight), None))
        task.add_done_callback(lambda _: self._payers.pop(id(flight), None))

    def board(self, flight: Flight, reader: str, payer: Payer) -> None:
        """This turn reads the flight, and may come to lead it. To be said as soon as it joined."""
        payers = self._payers.get(id(flight))
        if payers is not None:
            payers[reader] = payer

    def cancel(self, flight: Flight) -> None:
        """Nobody reads it any more."""
        task = self._tasks.get(id(flight))
        if task is not None:
            task.cancel()

    async def _run(self, flight: Flight, request: TutorRequest, node: NodePlan | None) -> None:
        outcome: Landed | Crashed = Crashed(detail=AWAY)
        try:
            outcome = await self._generate(flight, request, node)
        except Exception:
            _log.exception("a generation failed")
        finally:
            await flight.end(outcome)

    async def _generate(
        self, flight: Flight, request: TutorRequest, node: NodePlan | None
    ) -> Landed | Crashed:
        if node is not None:
            # Between this leader's look-up and its take-off another flight may have landed.
            there = await self._find(node.lead.edge)
            if there is not None:
                return _landed_at(flight, there)
        result, usage = await self._call(flight, request)
        if isinstance(result, Broken):
            return Crashed(detail=result.detail)
        stored = await self._store_node(result, node) if node is not None else None
        return Landed(
            reply=result.reply,
            reason=result.reason,
            node_id=stored.id if stored is not None else None,
            lead=flight.lead,
            usage=usage,
        )

    async def _find(self, edge: Edge) -> Node | None:
        async with self._store.read() as tx:
            tree = await tx.cache.tree(edge.fingerprint)
            if tree is None:
                return None
            return await tx.cache.node(tree.id, edge.parent_id, edge.digest)

    async def _call(self, flight: Flight, request: TutorRequest) -> tuple[Whole | Broken, Usage]:
        """Call the model until it is whole, or broken for all who are left to read. Whoever
        leads when a call begins pays for it, whatever becomes of it."""
        generation = Generation(self._limits)
        while True:
            generation.call(self._clock.monotonic())
            payer, meter = self._payers[id(flight)][flight.lead], Meter(request)
            try:
                result = await self._one_call(generation, flight, request, meter)
            finally:
                usage = await self._spending.charge(payer, meter)
            if isinstance(result, Call):
                await self._clock.sleep(result.after)
            elif isinstance(result, Broken) and result.is_clean and flight.pass_lead(result.detail):
                generation.again()
            else:
                return result, usage

    async def _one_call(
        self, generation: Generation, flight: Flight, request: TutorRequest, meter: Meter
    ) -> Whole | Broken | Call:
        pieces = self._llm.reply(request)
        try:
            while True:
                async with self._clock.timeout(generation.due() - self._clock.monotonic()):
                    piece = await anext(pieces)
                meter.take(piece)
                result = self._take(generation, piece)
                if isinstance(result, Emit):
                    flight.append(result.chunk)
                elif result is not None:
                    if isinstance(piece, End):
                        await self._hear_usage(pieces, generation, meter)
                    return result
        except StopAsyncIteration:
            _log.warning("the model's stream ended before its reply did")
            return generation.cut()
        except TimeoutError:
            _log.warning("the model was silent, or spoke, for too long")
            return generation.overdue()
        except ModelRefused as refusal:
            _log.warning("the model's service refused: %s", refusal.detail)
            meter.refuse()
            return generation.refused(self._clock.monotonic(), retryable=refusal.retryable)
        finally:
            await pieces.aclose()

    def _take(self, generation: Generation, piece: Piece) -> Emit | Whole | Broken | None:
        if isinstance(piece, Delta):
            return generation.delta(piece.text, self._clock.monotonic())
        return generation.end(piece.reason) if isinstance(piece, End) else None

    async def _hear_usage(
        self, pieces: AsyncGenerator[Piece, None], generation: Generation, meter: Meter
    ) -> None:
        """What the call took is told after the reply's end, if at all. That is waited for
        shortly, and within the generation's own limits; the reply is whole, come what may."""
        left = generation.due() - self._clock.monotonic()
        try:
            async with self._clock.timeout(min(left, USAGE_SECONDS)):
                async for piece in pieces:
                    meter.take(piece)
        except Exception as error:
            _log.info("a model's service did not tell its count: %s", type(error).__name__)

    async def _store_node(self, whole: Whole, plan: NodePlan) -> Node | None:
        """The node now at the edge: this reply's, or the winner's of a lost race; None where the
        item is gone.

        A reply that cannot be stored costs nothing but the cache.
        """
        if whole.reason != END_TURN:
            return None
        try:
            async with self._store.write() as tx:
                return await self._insert(tx, whole, plan)
        except Unavailable:
            _log.warning("a reply could not be stored in the tree")
            return None

    async def _insert(self, tx: Write, whole: Whole, plan: NodePlan) -> Node | None:
        edge = plan.lead.edge
        tree = await tx.cache.lock_or_add_tree(_tree_of(plan.scene, self._clock))
        if tree is None:
            return None
        there = await tx.cache.node(tree.id, edge.parent_id, edge.digest)
        if there is not None:
            return there
        parent = await tx.cache.get_node(edge.parent_id) if edge.parent_id != ROOT else None
        has_parent = edge.parent_id == ROOT or (parent is not None and parent.tree_id == tree.id)
        siblings = await tx.cache.count_children(tree.id, edge.parent_id)
        if not may_store(whole.reason, plan.lead.depth, siblings, has_parent=has_parent):
            return None
        reply = await tx.chat.add_reply(whole.reply)
        return await tx.cache.add_node(
            NewNode(
                tree_id=tree.id,
                parent_id=edge.parent_id,
                digest=edge.digest,
                depth=plan.lead.depth,
                message=plan.message,
                graded=plan.graded,
                reply_id=reply.id,
                created_at=self._clock.now(),
            )
        )


def _landed_at(flight: Flight, node: Node) -> Landed:
    """The flight of a node that was there already: nobody led it."""
    for chunk in chunks_of(node):
        flight.append(chunk)
    return Landed(reply=node, reason=END_TURN, node_id=node.id, lead=None)


def _tree_of(scene: Scene, clock: Clock) -> Tree:
    context = scene.context
    return Tree(
        id=0,
        content_item_id=context.content_item_id,
        prompt_version_id=context.prompt_version_id,
        model=context.model,
        locale=context.locale,
        fingerprint=scene.fingerprint,
        parts=scene.parts,
        created_at=clock.now(),
    )
