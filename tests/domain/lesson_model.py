"""A lesson that many sessions walk, in any order: the moves of the cache tree's machine.

The store is a few dicts and the processes are names; all that decides is the domain's.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec import Struct, json, structs

from twosigma.domain.activity import Outcome
from twosigma.domain.cache_tree import (
    ROOT,
    Alone,
    CacheUse,
    Edge,
    Found,
    Lead,
    Node,
    Position,
    Replay,
    Tree,
    diverge,
    may_store,
    parent_of,
    plan,
)
from twosigma.domain.context import changed_parts, fingerprint, part_digests, personal_variables
from twosigma.domain.llm import END_TURN, Context, Material
from twosigma.domain.prompt_template import fill, variables_of
from twosigma.domain.replies import Reply, chunks_of, reply_of
from twosigma.domain.steps import Free, Step, canonical_text, parse
from twosigma.domain.turn import conclude

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("Ada", "Bob", "Cyd", "Dan", "Eve")
PROMPTS = ("Teach in {{locale}}.", "Be kind, in {{locale}}.", "Teach {{user_name}}.")
MESSAGES: tuple[object, ...] = (
    {"questionId": 1, "answer": "A"}, {"answer": "A ", "questionId": 1},
    '{"questionId": 1, "answer": "B"}',
    {"questionId": 2, "answer": ["x", "y"]}, {"answer": ["y", "x", "y"], "questionId": 2},
)  # fmt: skip
# Which session goes on, in which process, what it says (or the model), how the model ends.
MOVES = st.tuples(
    st.integers(0, 4), st.sampled_from(["p1", "p2"]), st.integers(0, 12),
    st.sampled_from([END_TURN] * 6 + ["max_tokens", "failed"]),
)  # fmt: skip


class Exchange(Struct, frozen=True):
    canonical: str
    reply: Reply
    fingerprint: bytes


class Flight(Struct, eq=False, kw_only=True):
    process: str
    lead: str | None
    edge: Edge | None
    depth: int
    context: Context
    said: tuple[str, ...]
    reply: Reply | None = None
    reason: str = END_TURN
    has_ended: bool = False
    node_id: int | None = None


class Walk(Struct, eq=False, kw_only=True):
    """One learner's session, and what was seen of it."""

    name: str
    locale: str
    position: Position = Position()
    transcript: tuple[Exchange, ...] = ()
    running: tuple[Lead | Alone, Flight, str] | None = None
    has_left: bool = False


class Lesson(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.walks: list[Walk] = []
        self.flights: list[Flight] = []
        self.trees: dict[int, Tree] = {}
        self.nodes: dict[int, Node] = {}
        self.contexts: dict[bytes, Context] = {}
        self.written: dict[int, tuple[bytes, list[str]]] = {}
        self.whole: set[str] = set()
        self.last_id = 0
        self.prompt, self.revision, self.model, self.is_on = 0, 1, "m/1", True

    # What the world does.

    @initialize(locales=st.lists(st.sampled_from(["en", "en", "de"]), min_size=2, max_size=5))
    def arrive(self, locales: list[str]) -> None:
        self.walks = [Walk(name=NAMES[at], locale=locale) for at, locale in enumerate(locales)]

    @rule(prompt=st.sampled_from([0, 0, 1, 2]), is_on=st.sampled_from([True, True, False]))
    def publish(self, prompt: int, is_on: bool) -> None:
        self.prompt, self.is_on = prompt, is_on

    @rule(revision=st.integers(1, 2), model=st.sampled_from(["m/1", "m/2"]))
    def edit(self, revision: int, model: str) -> None:
        self.revision, self.model = revision, model

    @precondition(lambda self: self.trees)
    @rule(data=st.data())
    def prune(self, data: st.DataObject) -> None:
        tree_id = data.draw(st.sampled_from(sorted(self.trees)))
        del self.trees[tree_id]
        self.nodes = {n: node for n, node in self.nodes.items() if node.tree_id != tree_id}
        for walk in self.walks:
            if walk.position.tree_id == tree_id:
                walk.position = diverge(Position()) if walk.transcript else Position()

    @precondition(lambda self: self.flights)
    @rule(process=st.sampled_from(["p1", "p2"]))
    def crash(self, process: str) -> None:
        self._lose([flight for flight in self.flights if flight.process == process])

    def _lose(self, lost: list[Flight]) -> None:
        self.flights = [flight for flight in self.flights if flight not in lost]
        for walk in self.walks:
            if walk.running is not None and walk.running[1] in lost:
                walk.running = None

    # What learners do, and flights for their readers.

    @rule(moves=st.lists(MOVES, min_size=5, max_size=15))
    def go_on(self, moves: list[tuple[int, str, int, str]]) -> None:
        for move in moves:
            self.go(*move)

    def go(self, who: int, process: str, choice: int, reason: str) -> None:
        """The next move of one session: to send, or to see its flight through."""
        walk = self.walks[who % len(self.walks)]
        if walk.running is None:
            if walk.has_left and choice % 3:  # the same learner begins anew
                walk = Walk(name=walk.name, locale=walk.locale)
                self.walks[who % len(self.walks)] = walk
            self._send(walk, process, choice)
            return
        plan_then, flight, canonical = walk.running
        if flight.reply is None:
            self._speak(flight, choice % 2, reason)
        elif not flight.has_ended and flight.edge is not None:
            self._store(flight, flight.edge, flight.reply)
        else:
            self._land(walk, plan_then, flight, flight.reply, canonical)

    def _send(self, walk: Walk, process: str, choice: int) -> None:
        content = self._content(walk, choice)
        said = tuple(exchange.canonical for exchange in walk.transcript)
        has_greeting = said[:1] == ("Start.",)
        _, step = parse(content, has_turns=bool(said), has_greeting=has_greeting)
        context, canonical = self._context(walk), canonical_text(step)
        found = self._found(walk.position, step, context)
        plan_now = plan(walk.position, step, self._use(walk, context), found, fingerprint(context))
        if walk.has_left or isinstance(step, Free):
            assert isinstance(plan_now, Alone)
        if isinstance(plan_now, Replay):
            node = plan_now.node
            position = structs.replace(walk.position, tree_id=node.tree_id)
            self._finish(walk, plan_now, position, node, node, context, canonical, led=False)
        else:
            flight = self._board(walk, plan_now, context, process, (*said, canonical))
            walk.running = (plan_now, flight, canonical)

    def _content(self, walk: Walk, choice: int) -> object:
        if choice == 12:
            return f"{walk.name} asks why"
        if not walk.transcript and choice > 0:
            return "Start."
        return MESSAGES[choice % len(MESSAGES)]

    def _context(self, walk: Walk) -> Context:
        values = {"locale": walk.locale, "user_name": walk.name}
        return Context(
            content_item_id=1, content_revision=self.revision, prompt_version_id=1 + self.prompt,
            system=fill(PROMPTS[self.prompt], values), model=self.model, parameters={},
            locale=walk.locale, material=Material(
                title="Sums", description="", content_type="quiz", course_title="Algebra",
                module_title="One", module_path=("One",), text=f"text {self.revision}",
            ),
        )  # fmt: skip

    def _use(self, walk: Walk, context: Context) -> CacheUse:
        if not self.is_on:
            return CacheUse(off="the course's cache is off")
        if personal_variables(variables_of(PROMPTS[self.prompt])):
            return CacheUse(off="personal variable")
        if walk.position.tree_id is None:
            return CacheUse()
        before: Mapping[str, str] = self.trees[walk.position.tree_id].parts
        return CacheUse(changed=changed_parts(before, part_digests(context)))

    def _tree(self, mark: bytes) -> Tree | None:
        return next((tree for tree in self.trees.values() if tree.fingerprint == mark), None)

    def _at(self, mark: bytes, parent_id: int, digest: bytes) -> Node | None:
        tree = self._tree(mark)
        family = [n for n in self.nodes.values() if n.parent_id == parent_id and n.digest == digest]
        return next((n for n in family if tree is not None and n.tree_id == tree.id), None)

    def _found(self, position: Position, step: Step, context: Context) -> Found:
        if isinstance(step, Free):
            return Found()
        parent_id = parent_of(position, step)
        depth = self.nodes[parent_id].depth + 1 if parent_id in self.nodes else 0
        return Found(node=self._at(fingerprint(context), parent_id, step.digest), depth=depth)

    def _board(
        self, walk: Walk, plan_now: Lead | Alone, context: Context, process: str,
        said: tuple[str, ...],
    ) -> Flight:  # fmt: skip
        edge = plan_now.edge if isinstance(plan_now, Lead) else None
        for flight in self.flights:
            is_same = edge is not None and (flight.process, flight.edge) == (process, edge)
            if is_same and not flight.has_ended:
                return flight
        flight = Flight(
            process=process, lead=walk.name, edge=edge, context=context, said=said,
            depth=plan_now.depth if isinstance(plan_now, Lead) else 0,
        )  # fmt: skip
        self.flights.append(flight)
        return flight

    def _speak(self, flight: Flight, nonce: int, reason: str) -> None:
        mark, edge = fingerprint(flight.context), flight.edge
        there = self._at(mark, edge.parent_id, edge.digest) if edge is not None else None
        if there is not None and nonce:  # it looked once more; else it took off before
            flight.reply, flight.node_id, flight.lead = there, there.id, None
            flight.has_ended = True
        elif reason == "failed":
            self._lose([flight])
        else:
            path = " / ".join(flight.said)
            flight.reply = reply_of([mark.hex()[:8], f" {path}\n\n", f"{nonce}"])
            flight.reason, flight.has_ended = reason, edge is None
            if reason == END_TURN:
                self.whole.add(flight.reply.text)

    def _store(self, flight: Flight, edge: Edge, reply: Reply) -> None:
        """Insert if absent; only a whole reply may land at the node that is there."""
        flight.has_ended = True
        tree = self._tree(edge.fingerprint) or self._plant(flight.context)
        there = self._at(edge.fingerprint, edge.parent_id, edge.digest)
        parent = self.nodes.get(edge.parent_id)
        has_parent = edge.parent_id == ROOT or (parent is not None and parent.tree_id == tree.id)
        if there is not None or not may_store(
            flight.reason, flight.depth, 0, has_parent=has_parent
        ):
            flight.node_id = there.id if there is not None and flight.reason == END_TURN else None
            return
        self.last_id += 1
        node = Node(
            text=reply.text, chunks=reply.chunks, body=reply.body, id=self.last_id,
            tree_id=tree.id, parent_id=edge.parent_id, digest=edge.digest, depth=flight.depth,
            message=flight.said[-1], graded=None, reply_id=self.last_id, created_at=NOW,
        )  # fmt: skip
        self.nodes[node.id] = node
        self.written[node.id] = (json.encode(node), chunks_of(reply))
        flight.node_id = node.id

    def _plant(self, context: Context) -> Tree:
        self.last_id += 1
        tree = Tree(
            id=self.last_id, content_item_id=1, prompt_version_id=1, model=context.model,
            locale=context.locale, fingerprint=fingerprint(context), parts=part_digests(context),
            created_at=NOW,
        )  # fmt: skip
        self.trees[tree.id] = tree
        self.contexts[tree.fingerprint] = context
        return tree

    def _land(
        self, walk: Walk, plan_then: Lead | Alone, flight: Flight, reply: Reply, canonical: str
    ) -> None:
        walk.running = None
        node = self.nodes.get(flight.node_id or 0)
        self._finish(
            walk, plan_then, walk.position, node, reply, flight.context, canonical,
            led=flight.lead == walk.name, ended=flight.reason,
        )  # fmt: skip

    def _finish(
        self, walk: Walk, plan_then: Replay | Lead | Alone, position: Position, node: Node | None,
        reply: Reply, context: Context, canonical: str, *, led: bool, ended: str = END_TURN,
    ) -> None:  # fmt: skip
        end = conclude(plan_then, position, node, reply.text, led=led, ended=ended)
        walk.position = end.position
        walk.transcript += (Exchange(canonical, reply, fingerprint(context)),)
        assert (end.meta["source"] == "cache") == (end.outcome is Outcome.HIT)
        if end.outcome is Outcome.HIT:
            assert not led
            assert end.node_id == end.meta["cache_node_id"] is not None
            assert self.nodes[end.node_id or 0].text == reply.text
