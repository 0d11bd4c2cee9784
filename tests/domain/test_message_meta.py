"""Who is told what of a reply's making."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain.chat import Message
from twosigma.domain.llm import Usage
from twosigma.domain.message_meta import TOLD, as_audited, as_told, origin

MADE = origin("model/1", "Tutor", 3, Usage(input=5, output=2))
METAS = st.dictionaries(st.sampled_from([*sorted(TOLD), *MADE, "of tomorrow"]), st.integers())


def message(meta: dict[str, object]) -> Message:
    return Message(
        id=1, session_id=1, ordinal=1, role="assistant", content="Hello", meta=meta, turn_id="t",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def test_what_made_a_reply_is_noted() -> None:
    assert MADE == {
        "tokens": {"input": 5, "output": 2}, "model": "model/1", "prompt_name": "Tutor",
        "prompt_version": 3,
    }  # fmt: skip


@given(METAS)
def test_a_learner_is_told_what_is_for_learners_and_nothing_else(meta: dict[str, object]) -> None:
    told = as_told(message(meta))
    assert told.meta == {name: value for name, value in meta.items() if name in TOLD}
    assert as_told(told) is told


@pytest.mark.parametrize("name", MADE)
def test_what_made_a_reply_is_not_for_learners(name: str) -> None:
    assert name not in TOLD


def test_an_admin_is_told_all_and_that_a_cached_reply_cost_nothing() -> None:
    asked, led = message({"graded": {"correct": True}}), message({"source": "llm", **MADE})
    assert as_audited(asked) is asked
    assert as_audited(led) is led
    cached = as_audited(message({"source": "cache", "cache_node_id": 4}))
    assert cached.meta == {
        "source": "cache", "cache_node_id": 4, "tokens": {"input": 0, "output": 0},
    }  # fmt: skip
