"""What is shown of what learners said."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from twosigma.domain.cache_report import MIN_LEARNERS, shown_message
from twosigma.domain.cache_tree import ROOT, Node
from twosigma.domain.questions import Option, Question
from twosigma.domain.replies import reply_of

QUESTIONS = (
    Question(
        id=1, type="single", prompt="2 + 2?", options=(Option(id="A", text="3"),
        Option(id="B", text="4")), correct="B",
    ),
    Question(
        id=2, type="multiple", prompt="Even?", options=(Option(id=1, text="2"),
        Option(id=2, text="4")), correct=[1, 2],
    ),
    Question(id=3, type="true_false", prompt="Is 2 even?", correct=True),
    Question(id=4, type="numeric", prompt="2 + 2?", correct=4),
    Question(id=5, type="short_text", prompt="Your name for 4?", correct="four"),
)  # fmt: skip


def node(message: str, parent_id: int = 7) -> Node:
    fields: dict[str, Any] = {
        "id": 9, "tree_id": 1, "parent_id": parent_id, "digest": b"d" * 32, "depth": 1,
        "message": message, "graded": None, "reply_id": 1,
        "created_at": datetime(2026, 3, 1, tzinfo=UTC),
    }  # fmt: skip
    return Node(**fields, **structs.asdict(reply_of(["Well done."])))


@pytest.mark.parametrize(
    "message",
    [
        '{"answer":"A","questionId":1}', '{"answer":[1,2],"questionId":2}',
        '{"answer":true,"questionId":3}',
    ],
)  # fmt: skip
def test_a_listed_choice_is_shown_whoever_made_it(message: str) -> None:
    assert shown_message(node(message), QUESTIONS, 1) == message


@pytest.mark.parametrize(
    "message",
    [
        '{"answer":"Z","questionId":1}', '{"answer":[1,"me"],"questionId":2}',
        '{"answer":"Ada","questionId":3}', '{"answer":4,"questionId":4}',
        '{"answer":"ada","questionId":5}', '{"answer":"A","questionId":99}',
    ],
)  # fmt: skip
def test_anything_else_is_shown_when_enough_said_it(message: str) -> None:
    assert shown_message(node(message), QUESTIONS, MIN_LEARNERS - 1) is None
    assert shown_message(node(message), QUESTIONS, MIN_LEARNERS) == message


def test_the_greeting_is_shown() -> None:
    assert shown_message(node("Start.", ROOT), (), 0) == "Start."
