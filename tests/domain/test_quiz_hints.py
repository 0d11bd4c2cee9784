"""Hints: none that holds the answer is told before it."""

from typing import Any

import pytest
from hypothesis import given

from tests import strategies as some
from tests.quizzes import numeric, question
from twosigma.domain.quiz import (
    AskedQuestion,
    Hint,
    Question,
    asked,
    correct_answer_text,
    questions_of,
)


def told(asked_of: Question) -> list[str]:
    return [hint.text for hint in asked(asked_of).hints]


def test_a_question_is_asked_without_its_key() -> None:
    read = question(explanation="pwd!", hints=["Think of paths."])
    assert asked(read) == AskedQuestion(
        id=1, type="single", prompt="?", options=read.options, hints=(Hint(text="Think of paths."),)
    )


@pytest.mark.parametrize(
    "hint",
    ["Use PWD.", "try `pwd`", "ｐｗｄ", "It is B", "(b)", "option b", "\u200bB",
     "b) fits", "Choice: B", "The second option", "the last one", "Take the 2nd answer", "B"],
)  # fmt: skip
def test_a_hint_that_names_the_right_option_is_kept_back(hint: str) -> None:
    assert told(question(hints=[hint])) == []
    assert told(question(hints=[{"title": hint, "text": "See above."}])) == []


def test_a_hint_that_names_no_answer_is_told() -> None:
    hints = ["Where are you?", "Not `ls`.", "Obey the rules.", "spwding"]
    assert told(question(hints=[*hints, " "])) == hints


@pytest.mark.parametrize(
    ("option", "hint", "is_told"),
    [
        ("$$(-14,\\infty)$$", "So $$c>-14$$.", False),
        ("$$(-14,\\infty)$$", "Divide by $$-9$$.", True),
        ("$$x + 1$$", "It is x+1", False),
        ("$$\\frac{3}{4}$$", "that is 0.75", False),
        ("$$\\frac{3}{4}$$", "3 of 4", False),
        ("$$\\frac{3}{4}$$", "a part of 4", True),
        ("No", "There is no rest.", False),
        ("No", "Nothing is left.", True),
        ("Équation", "Equations have a sign.", False),
        ("nine", "There are 9.", False),
        ("one or two", "Is it two?", True),
        ("$$ $$", "Nothing to compare.", False),
        ("≥", "use ≥ here", False),
        ("≥", "use a sign", True),
    ],
)
def test_a_hint_that_holds_the_right_text_is_kept_back(
    option: str, hint: str, *, is_told: bool
) -> None:
    options = [{"id": "A", "text": "other"}, {"id": "B", "text": option}]
    assert told(question(options=options, hints=[hint])) == ([hint] if is_told else [])


@pytest.mark.parametrize(
    ("correct_id", "hint", "is_told"),
    [
        ("A", "Take A.", False),
        ("A", "This is a rule.", True),
        ("A", "Choose option a", False),
        (2, "Divide by 2", True),
        (2, "Option 2", False),
        (2, "it is (2)", False),
        ("a", "a rule", False),
    ],
)
def test_a_hint_that_points_at_the_right_id_is_kept_back(
    correct_id: int | str, hint: str, *, is_told: bool
) -> None:
    options = [{"id": correct_id, "text": "right"}, {"id": "Z", "text": "other"}]
    read = question(options=options, correct=correct_id, hints=[hint])
    assert told(read) == ([hint] if is_told else [])


@pytest.mark.parametrize(
    ("correct", "hint", "is_told"),
    [
        (31, "It is \\(31\\).", False),
        (31, "$$31$$", False),
        (31, "x=31y", False),
        (31, "131 or 310", True),
        (-14, "the size is 14", False),
        (785000, "gives us 785,000.", False),
        (785000, "785{,}000 or", False),
        (785000, "785 000", False),
        (0.5, "\\frac{1}{2}", False),
        (0.5, "\\dfrac12 no, 1/2", False),
        (0.5, "½ of it", False),
        (0.5, "half of it", False),
        (0.5, "50\\%", False),
        (0.5, "divide by 0: 1/0", True),
        (2.5, "2½", False),
        (2.5, "2,5", False),
        (5, "5³ = 125", False),
        (125, "5³", True),
        (9, "Nine planets", False),
        (12, "١٢", False),
        (12, "①② then 1 2", True),
        ("0,333", "1/3", False),
        (3, "about 2.7", False),
        (3, "the items 1,2,3", False),
        (7, "9" * 5000, True),
        (0.5, "it is .5", False),
    ],
)
def test_a_hint_with_the_right_number_is_kept_back(
    correct: object, hint: str, *, is_told: bool
) -> None:
    assert told(numeric(correct, hints=[hint])) == ([hint] if is_told else [])


def test_a_hint_with_a_number_near_enough_is_kept_back() -> None:
    assert told(numeric(10, tolerance=2, accept=["20"], hints=["11.5", "13", "20"])) == ["13"]
    bare = Question(id=1, type="numeric", prompt="?", hints=(Hint(text="5"),))
    assert told(bare) == ["5"]


def test_a_hint_with_an_accepted_text_is_kept_back() -> None:
    texts = question(type="short_text", correct=["working directory", "x"], accept=["wd"])
    hints = ["Working  Directory", "solve for x", "the `wd`", "swd", "exit", "workingdirectory"]
    assert told(question(**_fields(texts, hints))) == ["swd", "exit"]
    single = question(type="algebraic", correct="2x", hints=["so 2x", "double"])
    assert told(single) == ["double"]


def _fields(read: Question, hints: list[str]) -> dict[str, Any]:
    return {
        "type": read.type,
        "correct": read.correct,
        "accept": list(read.accept),
        "hints": hints,
    }


def test_a_hint_with_a_truth_value_is_kept_back() -> None:
    hints = ["It is not false.", "Yes!", "Look again."]
    assert told(question(type="true_false", correct=True, hints=hints)) == ["Look again."]


@given(some.question_data(), some.odd_texts, some.odd_texts)
def test_no_hint_that_holds_the_answer_is_ever_told(
    content: dict[str, Any], before: str, after: str
) -> None:
    (bare,) = questions_of({"questions": [content]})
    listed = bare.correct if isinstance(bare.correct, list) else [bare.correct]
    secrets = [correct_answer_text(bare), *(str(key) for key in listed if not bare.options)]
    hints = [{"text": f"{before} {secret} {after}"} for secret in secrets]
    (read,) = questions_of({"questions": [content | {"hints": hints}]})
    assert told(read) == []
