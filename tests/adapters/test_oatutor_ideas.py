"""What the hints of a topic say again and again are its key ideas."""

from pathlib import Path
from typing import Any

import pytest

from tests.adapters.oatutor_tree import SKILLS, Tree, bodies, hint
from twosigma.domain import quiz

RULE = "To add two numbers, count on from the first of them."


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "small-algebra")


def told(tree: Tree) -> list[str]:
    """The ideas of the first topic, which are the same in its quizzes."""
    course = tree.read()
    section = bodies(course)[0].partition("## Key ideas\n\n")[2].partition("\n\n## ")[0]
    for item in course.items:
        if item.content_type == "quiz":
            body = f"## Key ideas\n\n{section}"
            assert item.data.get("body", "## Key ideas\n\n") == body
            assert quiz.quiz_faults(item.data) == ()
            shown = quiz.hide_keys(True, item.data)
            assert shown.get("body") == item.data.get("body")
    return section.split("\n\n") if section else []


def steps(tree: Tree, hints: list[dict[str, Any]], answers: list[str], **fields: Any) -> None:
    for number, answer in enumerate(answers):
        tree.problem(f"p{number}")
        tree.step(f"p{number}a", answer, hints, **fields)


def test_a_hint_of_two_problems_is_an_idea_once_and_in_order(tree: Tree) -> None:
    second = hint("Check the sum by taking away again", title="Check.")
    steps(tree, [hint(RULE, title="Rule"), second], ["11", "12", "13"])
    tree.step("p3a", "14", [hint("check  the sum by taking away again."), hint("Only mine it is.")])
    tree.problem("p3")
    assert told(tree) == [f"**Rule.** {RULE}", "**Check.** Check the sum by taking away again"]


def test_a_hint_of_two_steps_of_one_problem_is_no_idea(tree: Tree) -> None:
    tree.problem("p1")
    for letter in "ab":
        tree.step(f"p1{letter}", "11", [hint(RULE)])
    assert told(tree) == []


def test_a_hint_of_two_topics_is_no_idea_of_either(tree: Tree) -> None:
    steps(tree, [hint(RULE)], ["11", "12"])
    tree.skills["p1a"] = [SKILLS[1]]
    assert told(tree) == []


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", {}),
        ("Add.", {}),
        ("See how it is done in ##figure1.gif## here.", {}),
        ("See how it is done in image1 here.", {}),
        ("What do we have to count on from here?", {}),
        ("The answer is the one that was counted.", {}),
        ("Therefore, count on from the first of them.", {}),
        ("In this problem we count on from the first.", {}),
        ("Count on from the first.\\n3, 4, 5", {}),
        ("Here we have counted on to nineteen by now.", {"title": "Answer"}),
        (RULE, {"type": "scaffold", "hintAnswer": ["count"]}),
        (RULE, {"choices": ["count", "guess"]}),
        (RULE, {"variabilization": {"x": ["1"]}}),
    ],
)
def test_no_idea_is_empty_or_a_figure_or_of_one_step(
    tree: Tree, text: str, fields: dict[str, Any]
) -> None:
    steps(tree, [hint(text, **fields)], ["11", "12", "13"])
    assert told(tree) == []


def test_what_holds_the_numbers_of_its_problems_is_no_idea_unless_it_is_a_rule(tree: Tree) -> None:
    reckoned = hint("We count on from $$52$$ until the end.")
    ruled = hint("If a number ends with $$52$$ it is divisible by $$4$$.")
    steps(tree, [reckoned, ruled], ["11", "12", "13"], stepTitle="What is 52 and more?")
    assert told(tree) == [r"If a number ends with \(52\) it is divisible by \(4\)."]


def test_a_number_in_only_two_problems_is_no_rule_but_a_law_in_letters_is(tree: Tree) -> None:
    law = hint("$$(a+b)^2=a^2+2ab+b^2$$")
    steps(tree, [hint("We take away $$52$$ from both sides."), law], ["11", "12"])
    assert told(tree) == [r"\((a+b)^2=a^2+2ab+b^2\)"]


@pytest.mark.parametrize(
    ("answers", "is_told"),
    [
        (["11", "11", "11"], True),
        (["100", "100", "100"], False),
        (["100", "12", "13"], False),
        (["100", "12", "13", "14"], True),
        (["100", "-100", "13", "14"], False),
    ],
)
def test_a_rule_that_holds_a_number_is_told_if_it_serves_many_answers(
    tree: Tree, answers: list[str], is_told: bool
) -> None:
    steps(tree, [hint("A percent is a ratio of a number to $$100$$.")], answers)
    assert bool(told(tree)) is is_told


@pytest.mark.parametrize(
    ("answers", "is_told"), [(["rational", "rational"], False), (["rational", "whole"], True)]
)
def test_a_rule_that_holds_a_choice_is_told_if_another_is_right_elsewhere(
    tree: Tree, answers: list[str], is_told: bool
) -> None:
    rule = hint("If a decimal stops, the number is rational.")
    steps(tree, [rule], answers, choices=["rational", "whole", "neither"])
    assert bool(told(tree)) is is_told


def test_an_example_that_works_out_what_another_step_asks_is_no_idea(tree: Tree) -> None:
    rule = hint("If $$n^2=m$$, then n is the root of m: of $$144$$ it is $$12$$.")
    steps(tree, [rule], ["3", "4", "5"])
    assert len(told(tree)) == 1
    tree.problem("p9")
    tree.step("p9a", "12", stepTitle="Find the root of $$144$$.")
    assert told(tree) == []


def test_an_article_is_not_taken_for_the_letter_of_a_choice(tree: Tree) -> None:
    rule = hint("A number can be divided by ten if it ends so.")
    steps(tree, [rule], ["nought", "nought", "nought"], choices=["nought", "one"])
    assert len(told(tree)) == 1


def test_an_idea_that_another_holds_whole_is_left_out(tree: Tree) -> None:
    longer = f"{RULE} Then check it by taking away."
    steps(tree, [hint(RULE), hint(longer)], ["11", "12"])
    assert told(tree) == [longer]


def test_of_many_ideas_the_twelve_used_most_are_told(tree: Tree) -> None:
    hints = [hint(f"Always count on slowly, said Ann{'a' * n}") for n in range(13)]
    steps(tree, hints, ["11", "12"])
    tree.problem("p9")
    tree.step("p9a", "19", hints[1:])
    assert told(tree) == [one["text"] for one in hints[1:]]
