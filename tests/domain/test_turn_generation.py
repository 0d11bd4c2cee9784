"""One model's work on a reply, with a clock of the test's own: tries, limits, ends."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from tests import strategies as some
from twosigma.domain.replies import chunks_of
from twosigma.domain.turn import (
    AWAY,
    BROKEN_OFF,
    Broken,
    Call,
    Emit,
    Generation,
    Limits,
    Whole,
)

CLEAN = Broken(AWAY, is_clean=True)
BROKEN = Broken(BROKEN_OFF, is_clean=False)


def called(now: float = 0.0, limits: Limits | None = None) -> Generation:
    generation = Generation(limits or Limits())
    generation.call(now)
    return generation


def test_the_limits_are_the_contract_s() -> None:
    limits = Limits()
    assert (limits.first, limits.silence, limits.whole) == (30, 30, 120)
    assert (limits.tries, limits.tries_within, limits.characters) == (3, 20, 64_000)


def test_a_reply_is_whole_when_the_model_ends_it() -> None:
    generation = called()
    assert [generation.delta(text, 1) for text in ("Hel", "lo ")] == [Emit("Hel"), Emit("lo ")]
    whole = generation.end("max_tokens")
    assert isinstance(whole, Whole)
    assert (chunks_of(whole.reply), whole.reply.text) == (["Hel", "lo "], "Hello ")
    assert whole.reason == "max_tokens"


@pytest.mark.parametrize("reason", ["end_turn", "max_tokens"])
def test_an_empty_reply_is_a_failure(reason: str) -> None:
    assert called().end(reason) == CLEAN


@pytest.mark.parametrize("blank", [" ", "\n\n", "\u3000\t"])
def test_a_blank_reply_is_a_failure_of_which_something_came(blank: str) -> None:
    generation = called()
    generation.delta(blank, 1)
    assert generation.end("end_turn") == BROKEN


def test_a_stream_that_breaks_off_is_clean_only_before_its_first_piece() -> None:
    assert (called().cut(), called().overdue()) == (CLEAN, CLEAN)
    for break_off in (Generation.cut, Generation.overdue):
        generation = called()
        generation.delta("x", 1)
        assert break_off(generation) == BROKEN
    generation = called()
    generation.delta("x", 1)
    assert generation.refused(1, retryable=True) == BROKEN


def test_a_refused_call_is_tried_three_times_with_growing_pauses() -> None:
    generation = called(100)
    assert generation.refused(100, retryable=True) == Call(0.5)
    generation.call(100.5)
    assert generation.refused(101, retryable=True) == Call(1.0)
    generation.call(102)
    assert generation.refused(102, retryable=True) == CLEAN


def test_what_another_try_cannot_help_is_not_tried_again() -> None:
    assert called().refused(0, retryable=False) == CLEAN


@pytest.mark.parametrize(("spent", "again"), [(19.4, Call(0.5)), (19.5, CLEAN), (25, CLEAN)])
def test_no_try_begins_20_seconds_after_the_first(spent: float, again: Call | Broken) -> None:
    assert called(50).refused(50 + spent, retryable=True) == again


def test_the_first_piece_is_due_30_seconds_after_the_first_try() -> None:
    generation = called(100)
    assert generation.due() == 130
    generation.refused(110, retryable=True)
    generation.call(110.5)
    assert generation.due() == 130


def test_each_piece_is_due_30_seconds_after_the_last_and_the_whole_after_120() -> None:
    generation = called(100)
    for now, due in ((100, 130), (125, 155), (189, 219), (190, 220), (191, 220), (219, 220)):
        generation.delta("x", now)
        assert generation.due() == due
    tight = called(0, Limits(first=50, whole=40))
    assert tight.due() == 40


def test_another_lead_has_tries_and_time_of_its_own() -> None:
    generation = called(0)
    for _ in range(2):
        generation.refused(0, retryable=True)
        generation.call(0)
    assert generation.refused(0, retryable=True) == CLEAN
    generation.again()
    generation.call(60)
    assert generation.due() == 90
    assert generation.refused(60, retryable=True) == Call(0.5)


def test_a_reply_may_have_so_many_characters_and_no_more() -> None:
    limits = Limits(characters=5)
    generation = called(0, limits)
    assert generation.delta("12345", 1) == Emit("12345")
    assert generation.delta("6", 1) == BROKEN
    assert called(0, limits).delta("123456", 1) == CLEAN


def test_an_overlong_first_piece_does_not_count_against_another_lead() -> None:
    generation = called(0, Limits(characters=5))
    assert generation.delta("123456", 1) == CLEAN
    generation.again()
    generation.call(1)
    assert generation.delta("12345", 1) == Emit("12345")
    assert isinstance(generation.end("end_turn"), Whole)


class Act(Struct, frozen=True):
    """What the model does after a silence of so many seconds."""

    silence: float
    kind: Literal["delta", "end", "cut", "refuse", "refuse for good"]
    text: str = ""


class Run:
    """A model's script played against a generation, as its driver plays it."""

    def __init__(self, limits: Limits) -> None:
        self.now = 1000.0
        self.generation = Generation(limits)
        self.calls: list[float] = []
        self.shown: list[tuple[float, str]] = []

    def call(self) -> None:
        self.calls.append(self.now)
        self.generation.call(self.now)

    def play(self, script: list[Act]) -> Whole | Broken:
        self.call()
        for act in script:
            if self.now + act.silence > self.generation.due():
                self.now = max(self.now, self.generation.due())
                return self.generation.overdue()
            self.now += act.silence
            result = self._take(act)
            if isinstance(result, Call):
                self.now += result.after
                self.call()
            elif isinstance(result, Emit):
                self.shown.append((self.now, result.chunk))
            else:
                return result
        self.now = max(self.now, self.generation.due())
        return self.generation.overdue()

    def _take(self, act: Act) -> Emit | Whole | Broken | Call:
        match act.kind:
            case "delta":
                return self.generation.delta(act.text, self.now)
            case "end":
                return self.generation.end("end_turn")
            case "cut":
                return self.generation.cut()
            case _:
                return self.generation.refused(self.now, retryable=act.kind == "refuse")


silences = st.sampled_from([0.0, 0.1, 1.0, 8.0, 19.0, 29.9, 30.0, 30.1, 60.0])
deltas = st.builds(Act, silences, st.just("delta"), some.chunks)
others = st.builds(Act, silences, st.sampled_from(["end", "cut", "refuse", "refuse for good"]))
refusals = st.builds(Act, silences, st.just("refuse"))
scripts = st.builds(
    lambda *parts: [act for part in parts for act in part],
    st.lists(refusals, max_size=4),
    st.lists(deltas, max_size=8),
    st.lists(others, max_size=2),
)


@settings(max_examples=120)
@given(scripts)
def test_whatever_a_model_does_the_generation_keeps_its_limits(script: list[Act]) -> None:
    run = Run(Limits(characters=40))
    result = run.play(script)
    began, text = run.calls[0], "".join(chunk for _, chunk in run.shown)
    assert len(run.calls) <= 3
    assert all(call - began < 20 for call in run.calls)
    assert run.now - began <= 120
    moments = [moment for moment, _ in run.shown]
    if moments:
        assert moments[0] - began <= 30
        assert run.calls[-1] <= moments[0]
        gaps = zip(moments, [*moments[1:], run.now], strict=True)
        assert all(later - earlier <= 30.0001 for earlier, later in gaps)
    else:
        assert run.now - began <= 30
    assert len(text) <= 40
    if isinstance(result, Whole):
        assert text.strip()
        assert chunks_of(result.reply) == [chunk for _, chunk in run.shown]
    else:
        assert result == (BROKEN if run.shown else CLEAN)


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_f92_what_no_store_takes_becomes_the_replacement_character(text: str) -> None:
    generation = Generation(Limits())
    generation.call(0)
    assert generation.delta(text, 1) == Emit("a\ufffdb")
    whole = generation.end("end_turn")
    assert isinstance(whole, Whole)
    assert whole.reply.text == "a\ufffdb"
