"""Where a session stands in the tree: the table of the contract, row by row, and its edges."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies as some
from twosigma.domain.activity import Outcome
from twosigma.domain.cache_tree import (
    FIRST_ON_PATH,
    INCOMPLETE,
    LOST_RACE,
    MAX_DEPTH,
    MAX_SIBLINGS,
    ROOT,
    Alone,
    CacheState,
    CacheUse,
    Edge,
    Found,
    Lead,
    Node,
    Plan,
    Position,
    Replay,
    account,
    diverge,
    may_store,
    parent_of,
    plan,
    settle,
)
from twosigma.domain.replies import reply_of
from twosigma.domain.steps import GREETING, Free, QuizAnswer, Step, parse

FINGERPRINT = b"f" * 32
USABLE = CacheUse()
TRACKING = Position(tree_id=1, node_id=7)
NEW = Position()
DIVERGED = Position(tree_id=1, node_id=7, state=CacheState.DIVERGED)


def node_with(*chunks: str, id: int = 8, tree_id: int = 1) -> Node:  # noqa: A002 -- its field
    reply = reply_of(chunks)
    return Node(
        text=reply.text, chunks=reply.chunks, body=reply.body, id=id, tree_id=tree_id, parent_id=7,
        digest=ANSWER.digest, depth=1, message=ANSWER.canonical, graded=None, reply_id=1,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip


def quiz_answer() -> QuizAnswer:
    step = parse({"questionId": 1, "answer": "A"}, has_turns=True, has_greeting=True)[1]
    assert isinstance(step, QuizAnswer)
    return step


ANSWER = quiz_answer()
NODE = node_with("Right", "!")
nodes = st.builds(
    lambda chunks, tree_id, node_id: node_with(*chunks, tree_id=tree_id, id=node_id),
    some.chunk_lists, some.small_ids, some.small_ids,
)  # fmt: skip
steps = st.sampled_from([GREETING, ANSWER, Free("why?"), Free("{…}", is_early=True)])


def planned(
    position: Position, step: Step, use: CacheUse = USABLE, found: Found | None = None
) -> Plan:
    return plan(position, step, use, found or Found(depth=1), FINGERPRINT)


def test_row_1_a_node_that_is_there_is_replayed_without_a_call() -> None:
    assert planned(TRACKING, ANSWER, found=Found(node=NODE, depth=1)) == Replay(NODE)
    assert settle(TRACKING, NODE, NODE.text) == Position(tree_id=1, node_id=8)


def test_row_2_a_node_that_is_not_there_is_led_to() -> None:
    edge = Edge(fingerprint=FINGERPRINT, parent_id=7, digest=ANSWER.digest)
    assert planned(TRACKING, ANSWER) == Lead(edge, 1)


def test_row_2_a_greeting_that_is_not_there_will_be_a_root() -> None:
    edge = Edge(fingerprint=FINGERPRINT, parent_id=ROOT, digest=GREETING.digest)
    assert planned(NEW, GREETING, found=Found()) == Lead(edge, 0)


def test_row_3_a_free_message_diverges() -> None:
    assert planned(TRACKING, Free("why?")) == Alone(Outcome.FREE, "free text")
    early = planned(NEW, Free("{…}", is_early=True))
    assert early == Alone(Outcome.FREE, "before the greeting")


@pytest.mark.parametrize("found", [Found(depth=1), Found(node=NODE, depth=1)])
@pytest.mark.parametrize("step", [ANSWER, GREETING])
def test_row_4_where_the_cache_is_off_it_is_neither_read_nor_written(
    step: Step, found: Found
) -> None:
    off = CacheUse(off="personal variable")
    assert planned(TRACKING, step, off, found) == Alone(Outcome.OFF, "personal variable")


@pytest.mark.parametrize("found", [Found(depth=1), Found(node=NODE, depth=1)])
def test_row_4_under_a_changed_context_the_tree_is_left(found: Found) -> None:
    changed = CacheUse(changed=("prompt_version", "model"))
    reason = "context changed: prompt_version, model"
    assert planned(TRACKING, ANSWER, changed, found) == Alone(Outcome.MISS, reason)


def test_row_4_a_free_message_is_counted_as_free_where_the_cache_is_off() -> None:
    off = CacheUse(off="the course's cache is off", changed=("model",))
    assert planned(TRACKING, Free("why?"), off) == Alone(Outcome.FREE, "free text")
    assert planned(TRACKING, ANSWER, off) == Alone(Outcome.OFF, "the course's cache is off")


def test_row_5_a_node_may_lie_50_deep_and_no_deeper() -> None:
    assert isinstance(planned(TRACKING, ANSWER, found=Found(depth=50)), Lead)
    deeper = planned(TRACKING, ANSWER, found=Found(depth=51))
    assert deeper == Alone(Outcome.MISS, "depth limit")


def test_row_5_a_node_may_be_the_64th_sibling_and_not_the_65th() -> None:
    assert isinstance(planned(TRACKING, ANSWER, found=Found(depth=1, siblings=63)), Lead)
    another = planned(TRACKING, ANSWER, found=Found(depth=1, siblings=64))
    assert another == Alone(Outcome.MISS, "sibling limit")


def test_row_5_the_limits_do_not_hide_a_node_that_is_there() -> None:
    full = Found(node=NODE, depth=51, siblings=64)
    assert planned(TRACKING, ANSWER, found=full) == Replay(NODE)


@pytest.mark.parametrize("step", [GREETING, ANSWER, Free("why?"), Free("{…}", is_early=True)])
@pytest.mark.parametrize("use", [USABLE, CacheUse(off="off"), CacheUse(changed=("model",))])
@pytest.mark.parametrize("found", [Found(depth=1), Found(node=NODE, depth=1)])
def test_row_6_a_diverged_session_is_alone_whatever_it_says(
    step: Step, use: CacheUse, found: Found
) -> None:
    assert planned(DIVERGED, step, use, found) == Alone(Outcome.FREE, "already diverged")


def test_every_plan_is_the_row_that_the_table_names() -> None:
    """All combinations, against the table written down once more, with its rows in its words."""
    for is_diverged, is_free, off, changed, node, depth, siblings in product(
        [False, True], [False, True], [None, "off"], [(), ("model",)], [None, NODE],
        [0, 1, MAX_DEPTH, MAX_DEPTH + 1], [0, MAX_SIBLINGS - 1, MAX_SIBLINGS],
    ):  # fmt: skip
        plan_now = plan(
            DIVERGED if is_diverged else TRACKING,
            Free("why?") if is_free else ANSWER,
            CacheUse(off=off, changed=changed),
            Found(node=node, depth=depth, siblings=siblings),
            FINGERPRINT,
        )
        is_usable = not (is_diverged or is_free or off or changed)
        has_room = depth <= 50 and siblings < 64
        assert isinstance(plan_now, Replay) == (is_usable and node is not None)
        assert isinstance(plan_now, Lead) == (is_usable and node is None and has_room)
        if isinstance(plan_now, Alone):
            is_free_turn = is_diverged or is_free
            assert (plan_now.outcome is Outcome.FREE) == is_free_turn
            assert (plan_now.outcome is Outcome.OFF) == (not is_free_turn and off is not None)


@settings(max_examples=50)
@given(some.positions, steps, some.small_ids.map(lambda depth: Found(depth=depth)))
def test_a_node_hangs_under_the_session_s_own(position: Position, step: Step, found: Found) -> None:
    expected = position.node_id or ROOT
    assert parent_of(position, step) == (ROOT if step is GREETING else expected)
    lead = planned(position, step, found=found)
    if isinstance(lead, Lead):
        assert lead.edge.parent_id == parent_of(position, step)
        assert (lead.edge.fingerprint, lead.depth) == (FINGERPRINT, found.depth)


def test_settle_compares_what_was_shown_byte_for_byte() -> None:
    for other in ("Right", "Right! ", "right!", "Right!\u200b", ""):
        assert settle(TRACKING, NODE, other) == DIVERGED
    composed, split = node_with("é"), "e\u0301"
    assert settle(TRACKING, composed, split).state is CacheState.DIVERGED


def test_settle_without_a_node_diverges_and_keeps_the_place() -> None:
    assert settle(TRACKING, None, "Right!") == DIVERGED
    assert settle(NEW, None, "Hello") == Position(state=CacheState.DIVERGED)


@settings(max_examples=50)
@given(some.positions, st.none() | nodes, some.texts, st.booleans())
def test_settle_tracks_if_and_only_if_all_three_conditions_hold(
    position: Position, node: Node | None, text: str, is_same: bool
) -> None:
    shown = node.text if node is not None and is_same else text
    after = settle(position, node, shown)
    if position.state is CacheState.TRACKING and node is not None and node.text == shown:
        assert after == Position(tree_id=node.tree_id, node_id=node.id)
    else:
        assert after == diverge(position)
        assert (after.tree_id, after.node_id) == (position.tree_id, position.node_id)
        assert after.state is CacheState.DIVERGED


@settings(max_examples=50)
@given(some.positions, st.lists(st.none() | nodes, max_size=5))
def test_nothing_leads_back_from_divergence(position: Position, offered: list[Node | None]) -> None:
    gone = diverge(position)
    assert diverge(gone) == gone
    for node in offered:
        assert settle(gone, node, node.text if node is not None else "") == gone


@pytest.mark.parametrize(
    ("reason", "depth", "siblings", "has_parent", "stored"),
    [
        ("end_turn", 0, 0, True, True),
        ("end_turn", 50, 63, True, True),
        ("end_turn", 51, 0, True, False),
        ("end_turn", 0, 64, True, False),
        ("end_turn", 1, 0, False, False),
        ("max_tokens", 1, 0, True, False),
        ("content_filter", 1, 0, True, False),
        ("", 1, 0, True, False),
    ],
)
def test_only_a_whole_reply_with_a_place_becomes_a_node(
    reason: str, depth: int, siblings: int, has_parent: bool, stored: bool
) -> None:
    assert may_store(reason, depth, siblings, has_parent=has_parent) is stored


LEAD = Lead(Edge(fingerprint=FINGERPRINT, parent_id=7, digest=ANSWER.digest), 1)


@pytest.mark.parametrize(
    ("plan_then", "after", "led", "whole", "counted"),
    [
        (Replay(NODE), TRACKING, False, True, (Outcome.HIT, None)),
        (LEAD, TRACKING, False, True, (Outcome.HIT, None)),
        (LEAD, TRACKING, True, True, (Outcome.MISS, FIRST_ON_PATH)),
        (LEAD, DIVERGED, True, True, (Outcome.MISS, LOST_RACE)),
        (LEAD, DIVERGED, False, True, (Outcome.MISS, LOST_RACE)),
        (LEAD, DIVERGED, True, False, (Outcome.MISS, INCOMPLETE)),
        (LEAD, DIVERGED, False, False, (Outcome.MISS, INCOMPLETE)),
        (Alone(Outcome.OFF, "x"), DIVERGED, True, True, (Outcome.OFF, "x")),
        (Alone(Outcome.MISS, "depth limit"), DIVERGED, True, False, (Outcome.MISS, "depth limit")),
        (Alone(Outcome.FREE, "free text"), DIVERGED, True, True, (Outcome.FREE, "free text")),
    ],
)
def test_a_turn_is_counted_by_what_it_cost(
    plan_then: Plan, after: Position, led: bool, whole: bool, counted: tuple[Outcome, str | None]
) -> None:
    assert account(plan_then, after, led=led, whole=whole) == counted
