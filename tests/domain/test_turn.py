"""One turn's log of events, and what a completed turn leaves."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies as some
from tests.domain.test_cache_tree import LEAD, NODE, node_with
from twosigma.domain.activity import Outcome
from twosigma.domain.cache_tree import Alone, CacheState, Position, Replay
from twosigma.domain.replies import chunk_event, done_event, error_event
from twosigma.domain.turn import STOPPED, Phase, Turn, conclude

TRACKING = Position(tree_id=1, node_id=7)
DIVERGED = Position(tree_id=1, node_id=7, state=CacheState.DIVERGED)
FREE = Alone(Outcome.FREE, "free text")
OPEN = (Phase.CLAIMED, Phase.STREAMING)


def do(turn: Turn, act: str) -> None:
    match act:
        case "complete":
            turn.complete(42)
        case "fail":
            turn.fail("It broke")
        case "stop":
            turn.stop()
        case text:
            turn.show(text.removeprefix("show "))


ENDS = {
    "complete": (Phase.COMPLETED, done_event(42), None),
    "fail": (Phase.FAILED, error_event("It broke"), "It broke"),
    "stop": (Phase.STOPPED, error_event(STOPPED), STOPPED),
}
acts = st.lists(
    st.one_of(some.chunks.map("show {}".format), st.sampled_from(sorted(ENDS))), max_size=8
)


@settings(max_examples=50)
@given(acts)
def test_a_log_only_grows_and_has_exactly_one_end_that_nothing_follows(acts: list[str]) -> None:
    turn, expected, phase, detail = Turn("t"), list[bytes](), Phase.CLAIMED, None
    for act in acts:
        before = list(turn.events)
        do(turn, act)
        assert turn.events[: len(before)] == before
        if phase in OPEN:
            phase, event, detail = ENDS.get(
                act, (Phase.STREAMING, chunk_event(act.removeprefix("show ")), None)
            )
            expected.append(event)
        assert (turn.phase, turn.events, turn.detail) == (phase, expected, detail)
        assert turn.is_over == (phase not in OPEN)
        assert turn.message_id == (42 if phase is Phase.COMPLETED else None)
    done = [json.loads(event.removeprefix(b"data: "))["done"] for event in turn.events]
    assert done == [False] * (len(done) - turn.is_over) + [True] * turn.is_over


@pytest.mark.parametrize(
    ("acts", "is_silent"),
    [
        (["fail"], True), (["stop"], True), (["fail", "show x"], True), (["complete"], False),
        (["show x"], False), (["show x", "fail"], False), ([], False),
    ],
)  # fmt: skip
def test_a_turn_that_failed_before_its_first_piece_is_silent(
    acts: list[str], is_silent: bool
) -> None:
    turn = Turn("t")
    for act in acts:
        do(turn, act)
    assert (turn.id, turn.is_silent) == ("t", is_silent)


def test_a_replay_is_a_hit_that_names_its_node() -> None:
    end = conclude(Replay(NODE), TRACKING, NODE, NODE.text, led=False)
    assert end.position == Position(tree_id=1, node_id=8)
    assert (end.outcome, end.reason, end.node_id) == (Outcome.HIT, None, 8)
    assert end.meta == {"source": "cache", "cache_node_id": 8}


def test_the_leader_tracks_its_node_and_is_counted_as_a_miss() -> None:
    end = conclude(LEAD, TRACKING, NODE, NODE.text, led=True)
    assert end.position == Position(tree_id=1, node_id=8)
    assert (end.outcome, end.reason, end.node_id) == (Outcome.MISS, "first on this path", 8)
    assert end.meta == {"source": "llm"}


def test_those_who_waited_are_counted_as_hits() -> None:
    end = conclude(LEAD, TRACKING, NODE, NODE.text, led=False)
    assert end.position == Position(tree_id=1, node_id=8)
    assert (end.outcome, end.node_id) == (Outcome.HIT, 8)
    assert end.meta == {"source": "cache", "cache_node_id": 8}


@pytest.mark.parametrize("led", [True, False])
def test_readers_of_a_losing_reply_keep_it_and_diverge(led: bool) -> None:
    end = conclude(LEAD, TRACKING, NODE, "Another reply", led=led)
    assert end.position == DIVERGED
    assert (end.outcome, end.reason, end.node_id) == (Outcome.MISS, "lost race", None)
    assert end.meta == {"source": "llm"}


def test_a_reply_that_was_cut_diverges_and_says_why() -> None:
    end = conclude(LEAD, TRACKING, None, "Right", led=True, ended="max_tokens", cut=4)
    assert end.position == DIVERGED
    assert (end.outcome, end.reason, end.node_id) == (Outcome.MISS, "reply not complete", None)
    assert end.meta == {"source": "llm", "stop_reason": "max_tokens", "history_cut": 4}


def test_a_turn_alone_never_tracks_though_a_node_has_its_very_reply() -> None:
    end = conclude(FREE, TRACKING, NODE, NODE.text, led=True)
    assert end.position == DIVERGED
    assert (end.outcome, end.reason, end.node_id) == (Outcome.FREE, "free text", None)
    assert end.meta == {"source": "llm"}


@settings(max_examples=50)
@given(
    some.positions, st.none() | some.chunk_lists, some.texts, st.booleans(),
    st.sampled_from(["end_turn", "max_tokens"]), st.integers(0, 3),
)  # fmt: skip
def test_a_source_is_the_cache_if_and_only_if_a_node_with_this_reply_is_named(
    position: Position, chunks: list[str] | None, text: str, led: bool, ended: str, cut: int
) -> None:
    node = node_with(*chunks) if chunks is not None else None
    for shown in {text, text if node is None else node.text}:
        end = conclude(LEAD, position, node, shown, led=led, ended=ended, cut=cut)
        is_tracking = end.position.state is CacheState.TRACKING
        assert end.node_id == (end.position.node_id if is_tracking else None)
        assert is_tracking == (
            position.state is CacheState.TRACKING and node is not None and node.text == shown
        )
        assert (end.outcome is Outcome.HIT) == (is_tracking and not led)
        assert (end.meta["source"] == "cache") == (end.outcome is Outcome.HIT)
        assert ("cache_node_id" in end.meta) == (end.outcome is Outcome.HIT)
        assert end.meta.get("stop_reason", "end_turn") == ended
        assert end.meta.get("history_cut", 0) == cut


def test_a_turn_that_was_stopped_is_not_completed_after_that() -> None:
    turn = Turn("t1")
    turn.stop()
    turn.complete(7)
    turn.show("late")
    assert (turn.phase, turn.message_id) == (Phase.STOPPED, None)
    assert turn.events == [error_event(STOPPED)]
