"""One exchange, sans I/O: the generation of a reply, the turn that shows it, and what it leaves.

`Generation` is one model's work for an edge of the tree: it takes what the model does and the
time, and says what to do next. `Turn` is one session's reading of it: an append-only log of
events with an end. Both can be driven by any adapter and by a test with a clock of its own.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from twosigma.domain.activity import Outcome
from twosigma.domain.cache_tree import (
    Alone,
    CacheState,
    Lead,
    Node,
    Position,
    Replay,
    account,
    diverge,
    settle,
)
from twosigma.domain.llm import END_TURN
from twosigma.domain.replies import Reply, chunk_event, done_event, error_event, reply_of

AWAY = "The tutor cannot answer right now. Please try again in a moment."
BROKEN_OFF = "The answer broke off. Nothing of it was kept; please send your message again."
STOPPED = "The answer was stopped."

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Limits(Struct, frozen=True, kw_only=True):
    """What a generation may take: seconds to the first piece, between pieces, for the whole;
    how often a refused call is tried, and within how many seconds; how long a reply may be."""

    first: float = 30
    silence: float = 30
    whole: float = 120
    tries: int = 3
    tries_within: float = 20
    characters: int = 64_000


class Call(Struct, frozen=True):
    """Call the model, `after` seconds from now."""

    after: float


class Emit(Struct, frozen=True):
    """Append this piece to the log."""

    chunk: str


class Whole(Struct, frozen=True):
    """The reply is there; `reason` is the model's own, `end_turn` if it ended its turn."""

    reply: Reply
    reason: str


class Broken(Struct, frozen=True):
    """The generation failed. `is_clean`: nothing of it had come, so another lead may call."""

    detail: str
    is_clean: bool


class Generation:
    """One model's work on one reply. `now` is monotonic seconds throughout."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._chunks: list[str] = []
        self._length = 0
        self._tries = 0
        self._first_try_at = 0.0
        self._last_at = 0.0

    def call(self, now: float) -> None:
        """The model is being called."""
        if self._tries == 0:
            self._first_try_at = now
        self._tries += 1

    def again(self) -> None:
        """Another lead begins anew: its tries are its own."""
        self._tries = 0

    def delta(self, text: str, now: float) -> Emit | Broken:
        """A piece came. What no store takes (NUL, lone surrogates) becomes U+FFFD."""
        text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
        if self._length + len(text) > self._limits.characters:
            return self._broken()
        self._last_at = now
        self._length += len(text)
        self._chunks.append(text)
        return Emit(text)

    def end(self, reason: str) -> Whole | Broken:
        """The model ended its reply. An empty one is a failure: it could not be sent back to
        a model later."""
        if not "".join(self._chunks).strip():
            return self._broken()
        return Whole(reply_of(self._chunks), reason)

    def cut(self) -> Broken:
        """The stream ended, and the model had not said that it was done."""
        return self._broken()

    def refused(self, now: float, *, retryable: bool) -> Call | Broken:
        """The service refused, or broke off. Before the first piece another try may help."""
        spent = now - self._first_try_at
        pause = 0.5 * 2 ** (self._tries - 1)
        if (
            self._chunks
            or not retryable
            or self._tries >= self._limits.tries
            or spent + pause >= self._limits.tries_within
        ):
            return self._broken()
        return Call(pause)

    def due(self) -> float:
        """When, if nothing comes, the generation is over."""
        whole = self._first_try_at + self._limits.whole
        if not self._chunks:  # counted from the first try: its readers wait through all of them
            return min(whole, self._first_try_at + self._limits.first)
        return min(whole, self._last_at + self._limits.silence)

    def overdue(self) -> Broken:
        """The time `due` has come."""
        return self._broken()

    def _broken(self) -> Broken:
        is_clean = not self._chunks
        return Broken(AWAY if is_clean else BROKEN_OFF, is_clean)


class Phase(StrEnum):
    CLAIMED = "claimed"
    STREAMING = "streaming"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


_OPEN = frozenset({Phase.CLAIMED, Phase.STREAMING})


class Turn:
    """One session's turn: a log of events, then an end that nothing follows."""

    def __init__(self, turn_id: str) -> None:
        self.id = turn_id
        self.phase = Phase.CLAIMED
        self.events: list[bytes] = []
        self.detail: str | None = None
        self.message_id: int | None = None

    @property
    def is_over(self) -> bool:
        return self.phase not in _OPEN

    def show(self, chunk: str) -> None:
        """A piece of the reply came."""
        if not self.is_over:
            self.phase = Phase.STREAMING
            self.events.append(chunk_event(chunk))

    def complete(self, message_id: int) -> None:
        """The exchange is stored; its reply is this message."""
        if not self.is_over:
            self.phase, self.message_id = Phase.COMPLETED, message_id
            self.events.append(done_event(message_id))

    def fail(self, detail: str) -> None:
        """Nothing of the turn is kept."""
        self._give_up(Phase.FAILED, detail)

    def stop(self) -> None:
        """Its learner, or the end of its session, stopped it."""
        self._give_up(Phase.STOPPED, STOPPED)

    @property
    def is_silent(self) -> bool:
        """Whether it ended with nothing of the reply shown: an ordinary error over HTTP."""
        return self.is_over and self.message_id is None and len(self.events) == 1

    def _give_up(self, phase: Phase, detail: str) -> None:
        if not self.is_over:
            self.phase, self.detail = phase, detail
            self.events.append(error_event(detail))


class Conclusion(Struct, frozen=True, kw_only=True):
    """What a completed turn leaves: where the session stands, what the turn is counted as,
    and the reply's meta."""

    position: Position
    outcome: Outcome
    reason: str | None
    node_id: int | None
    meta: Mapping[str, object]


def conclude(
    planned: Replay | Lead | Alone,
    position: Position,
    node: Node | None,
    text: str,
    *,
    led: bool,
    ended: str = END_TURN,
    cut: int = 0,
    origin: Mapping[str, object] = MappingProxyType({}),
) -> Conclusion:
    """What a turn leaves that showed `text`.

    `position` is the session's as locked now, `node` the one at the turn's edge as stored now,
    `led` whether this turn led the generation, `ended` why the model ended, `cut` how many
    messages the model was not sent, `origin` what is noted of the model beside its reply.
    """
    after = diverge(position) if isinstance(planned, Alone) else settle(position, node, text)
    outcome, reason = account(planned, after, led=led, whole=ended == END_TURN)
    tracked = after.node_id if after.state is CacheState.TRACKING else None
    meta: dict[str, object] = {"source": "llm", **origin}
    if outcome is Outcome.HIT:
        meta = {"source": "cache", "cache_node_id": tracked}
    if ended != END_TURN:
        meta["stop_reason"] = ended
    if cut:
        meta["history_cut"] = cut
    return Conclusion(position=after, outcome=outcome, reason=reason, node_id=tracked, meta=meta)
