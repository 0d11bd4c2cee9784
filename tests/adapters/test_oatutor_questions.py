"""A step of OATutor becomes a question with its key, hints and solution, or says why not."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.oatutor_tree import (
    PATHWAY,
    Tree,
    bodies,
    hint,
    only_question,
    questions,
    reasons,
    right_text,
)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "small-algebra")


def test_the_prompt_is_title_body_and_step_without_repeats(tree: Tree) -> None:
    tree.problem("p1", title="Evaluate it", body="Find $$x+1$$ when\\n$$x=2$$.\x08")
    tree.step("p1a", "3", stepTitle="Find $$x+1$$ when\\n$$x=2$$.", stepBody="Cost: $5 or $6")
    assert only_question(tree.read())["prompt"] == (
        "Evaluate it\n\nFind \\(x+1\\) when\n\n\\(x=2\\).\n\nCost: $5 or $6"
    )


def test_a_later_step_stands_alone_and_a_short_part_is_never_lost(tree: Tree) -> None:
    tree.problem("p1", title="Coefficients", body="Identify the coefficient of each term:")
    tree.step("p1a", "14", stepTitle="$$14y$$")
    tree.step("p1b", "1", stepTitle="a")
    assert [q["prompt"] for q in questions(tree.read())] == [
        "Coefficients\n\nIdentify the coefficient of each term:\n\n\\(14y\\)",
        "Coefficients\n\nIdentify the coefficient of each term:\n\na",
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"$$ \neq $$ or $$\nu$$", r"\(\neq\) or \(\nu\)"),
        (r"one\ntwo\n", "one\n\ntwo"),
        (r"pay $4 and $$\$5$$", r"pay $4 and \(\$5\)"),
        ("2*3 = 6, a**(-n), 4 * 5", "2×3 = 6, a^(-n), 4 × 5"),
        ("un$$paired", "unpaired"),
        ("$$x$$ and un$$paired", r"\(x\) and unpaired"),
        ("7y<\u200b42 – 30°", "7y<42 – 30°"),
    ],
)
def test_texts_become_readable(tree: Tree, written: str, shown: str) -> None:
    tree.problem("p1")
    tree.step("p1a", "1", stepTitle=written)
    assert only_question(tree.read())["prompt"] == shown


@pytest.mark.parametrize(
    ("answer", "kind", "correct"),
    [
        ("$$31$$", "numeric", 31),
        ("31", "numeric", 31),
        ("$$-5$$", "numeric", -5),
        ("−5", "numeric", -5),
        ("$$0.50$$", "numeric", "0.50"),
        (".5", "numeric", "0.5"),
        ("$1.79", "numeric", "1.79"),
        (r"$$\$1.79$$", "numeric", "1.79"),
        ("DNE", "short_text", ["DNE"]),
        ("no real solution", "short_text", ["no real solution"]),
    ],
)
def test_plain_numbers_and_words_can_be_asked(
    tree: Tree, answer: str, kind: str, correct: Any
) -> None:
    tree.problem("p1")
    tree.step("p1a", answer)
    question = only_question(tree.read())
    assert (question["type"], question["correct"]) == (kind, correct)
    assert "options" not in question


@pytest.mark.parametrize(
    "answer",
    [
        r"$$\frac{3}{4}$$",
        "$$x=14$$",
        "615,195",
        "9" * 5000,
        "１２",
        "1,000",
        "521a842c",
        "N",
        "x",
        r"$$25\%$$",
        "$$3^8$$",
        "Country road speed = 50, Interstate speed = 65",
        "(0,13), DNE",
        "$$1$$ and $$2$$",
    ],
)
def test_what_only_algebra_could_grade_is_skipped_and_reported(tree: Tree, answer: str) -> None:
    tree.problem("p1")
    tree.step("p1a", answer)
    course = tree.read()
    assert questions(course) == []
    assert reasons(course) == {"p1a": "algebra"}
    assert repr(answer) in course.skipped[0].detail


def test_a_typed_step_that_lists_choices_is_still_typed(tree: Tree) -> None:
    tree.problem("p1")
    tree.step("p1a", "4", choices=["3", "4"], problemType="TextBox")
    assert only_question(tree.read())["type"] == "numeric"


def test_the_right_choice_is_matched_as_written_and_more_than_five_get_letters(
    tree: Tree,
) -> None:
    choices = [f"$$ {n} $$" for n in range(28)]
    tree.problem("p1")
    tree.step("p1a", "$$ 3 $$", choices=choices, answerLatex="$$ 4 $$")
    question = only_question(tree.read())
    assert right_text(question) == r"\(3\)"
    letters = [option["id"] for option in question["options"]]
    assert letters == [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA", "AB"]


def test_the_order_of_choices_is_not_theirs_in_the_file(tree: Tree) -> None:
    tree.problem("p1")
    tree.step("p1a", "one", choices=["one", "two", "three", "four"])
    first = only_question(tree.read())["options"]
    tree.step("p1a", "four", choices=["four", "three", "two", "one"])
    assert only_question(tree.read())["options"] == first


def test_a_lesson_may_keep_its_order_of_choices(tree: Tree) -> None:
    tree.lesson["keepMCOrder"] = True
    tree.problem("p1")
    choices = ["never", "rarely", "often", "usually", "always"]
    tree.step("p1a", "often", choices=choices)
    question = only_question(tree.read())
    assert [option["text"] for option in question["options"]] == choices
    assert question["correct"] == "C"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"choices": ["yes", "no", "yes"]}, "duplicate_choices"),
        ({"choices": ["yes", "no", " no"]}, "duplicate_choices"),
        ({"choices": ["yes"]}, "too_few_choices"),
        ({"choices": ["Yes", "no"]}, "answer_not_a_choice"),
        ({"choices": ["yes", "##figure1.gif##"]}, "figure"),
        ({"stepBody": "##figure1.gif"}, "figure"),
        ({"variabilization": {"x": ["1"]}}, "variables"),
        ({"stepAnswer": ["yes", "no"]}, "several_answers"),
        ({"stepAnswer": []}, "several_answers"),
        ({"problemType": "DragDrop"}, "unknown_type"),
        ({"stepTitle": " "}, "empty_prompt"),
    ],
)
def test_a_step_that_cannot_be_asked_says_why(
    tree: Tree, fields: dict[str, Any], reason: str
) -> None:
    tree.problem("p1")
    tree.step("p1a", "yes", **fields)
    course = tree.read()
    assert questions(course) == []
    assert reasons(course) == {"p1a": reason}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"body": "See ##figure1.gif##"}, "figure"), ({"variabilization": {"x": ["1"]}}, "variables")],
)
def test_what_a_problem_lacks_its_steps_lack(
    tree: Tree, fields: dict[str, Any], reason: str
) -> None:
    tree.problem("p1", **fields)
    tree.step("p1a", "1")
    assert reasons(tree.read()) == {"p1a": reason}


def test_what_belongs_to_no_lesson_or_topic_is_reported(tree: Tree) -> None:
    tree.problem("p1", lessonId="elsewhere")
    tree.step("p1a", "1")
    tree.problem("p2")
    tree.problem("p3")
    tree.step("p3a", "1")
    tree.skills["p3a"] = ["a_skill_of_another_lesson"]
    assert reasons(tree.read()) == {"p1": "no_lesson", "p2": "no_steps", "p3a": "no_topic"}


def test_hints_come_in_order_without_empty_ones_figures_or_answers(tree: Tree) -> None:
    tree.problem("p1")
    tree.step("p1a", "2", PATHWAY)
    hints = only_question(tree.read())["hints"]
    assert [h["title"] for h in hints] == ["Set up.", "First", "First", ""]
    assert [hints[0]["text"], hints[2]["text"], hints[3]["text"]] == [
        "Line up.",
        "Count on.",
        "Done.",
    ]
    asked, *choices = hints[1]["text"].split("\n")
    assert asked == r"\(1+1=\)?"
    assert sorted(filter(None, choices)) == [r"- \(2\)", r"- \(3\)"]


def test_the_explanation_is_a_numbered_solution_that_ends_in_the_answer(tree: Tree) -> None:
    tree.problem("p1")
    tree.step("p1a", "$$2$$", PATHWAY)
    assert only_question(tree.read())["explanation"] == "\n\n".join(
        [
            "1. **Set up**: Line up.",
            r"2. **First**: \(1+1=\)?",
            r"   *Answer:* \(2\)",
            "3. Count on.",
            "4. Done.",
            r"**Answer:** \(2\)",
        ]
    )


def test_a_step_without_a_pathway_has_no_hints(tree: Tree) -> None:
    tree.problem("p1")
    tree.step("p1a", "1")
    (tree.root / "content-pool/p1/steps/p1a/tutoring/p1aDefaultPathway.json").unlink()
    question = only_question(tree.read())
    assert (question["hints"], question["explanation"]) == ([], "**Answer:** 1")


def test_worked_examples_are_of_steps_that_algebra_keeps_out(tree: Tree) -> None:
    two = [hint("Begin."), hint("End.")]
    for number in range(1, 9):
        tree.problem(f"p{number}", body=f"Body {number}")
        tree.step(f"p{number}a", f"$$x={number}$$", two)
    tree.step("p1a", "1", two)
    tree.step("p2a", "$$x=2$$", [hint("See ##figure1.gif##"), *two])
    tree.step("p3a", "$$x=3$$", two[:1])
    body = bodies(tree.read())[0]
    assert re.findall(r"Body \d", body) == ["Body 4", "Body 6", "Body 8"]
    assert body.count("### Example") == 3
    assert "1. Begin.\n\n2. End.\n\n**Answer:** \\(x=8\\)" in body


def test_no_worked_example_has_the_prompt_of_a_question(tree: Tree) -> None:
    two = [hint("Begin."), hint("End.")]
    for name, answer in (("p1", "$$4$$"), ("p2", "$$x=4$$")):
        tree.problem(name)
        tree.step(f"{name}a", answer, two, stepTitle="Solve $$x+1=5$$")
    course = tree.read()
    assert len(questions(course)) == 1
    assert "Example" not in bodies(course)[0]
