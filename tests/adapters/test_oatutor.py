"""A course of OATutor becomes modules, texts and quizzes."""

import json
from pathlib import Path

import pytest

from tests.adapters.oatutor_tree import LESSON, SKILLS, Tree, bodies, questions
from twosigma.domain.imports import ImportedCourse, ImportedItem, item_digest, module_digest


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "small-algebra")


def test_a_course_carries_its_names_license_and_attribution(tree: Tree) -> None:
    course = tree.read()
    assert (course.source, course.external_id) == ("oatutor", "publisher-small-algebra")
    assert (course.title, course.code) == ("Small Algebra", "SMALL-ALGEBRA")
    assert (course.level, course.locales) == ("INTRODUCTORY", ("en",))
    assert course.license == "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)"
    assert course.attribution == (
        "Problems from OATutor (oatutor.io), based on Small Algebra "
        "(https://books.example/small). CC BY 4.0. Changed."
    )


def test_modules_come_parents_first_from_the_root_to_the_topics(tree: Tree) -> None:
    course = tree.read()
    assert [(m.external_id, m.module_type, m.title) for m in course.modules] == [
        ("publisher-small-algebra/root", "COURSE_ROOT", "Small Algebra"),
        ("publisher-small-algebra/chapter-1", "CHAPTER", "Chapter 1"),
        (LESSON, "LESSON", "1.1 Whole Numbers"),
        (f"{LESSON}/add_whole_numbers", "TOPIC", "Add whole numbers"),
        (f"{LESSON}/count_things", "TOPIC", "Count things"),
    ]
    parents = [m.parent_external_id for m in course.modules]
    assert parents == [None, *(m.external_id for m in course.modules[:3]), LESSON]
    assert [m.sequence_index for m in course.modules] == [0, 0, 0, 0, 1]


def test_a_lesson_without_a_number_hangs_on_the_root(tree: Tree) -> None:
    tree.lesson["name"] = "Review"
    lesson = tree.read().modules[1]
    assert (lesson.external_id, lesson.title) == (LESSON, "Review Whole Numbers")
    assert lesson.parent_external_id == "publisher-small-algebra/root"


def test_a_step_goes_to_its_first_objective_in_the_lessons_order(tree: Tree) -> None:
    tree.problem("p1")
    tree.step("p1a", "1")
    tree.skills["p1a"] = [SKILLS[1], SKILLS[0]]
    tree.step("p1b", "2")
    tree.skills["p1b"] = [SKILLS[1]]
    places = {i.module_external_id: i for i in tree.read().items if i.content_type == "quiz"}
    sources = {place: i.data["questions"][0]["source_id"] for place, i in places.items()}
    assert sources == {f"{LESSON}/{SKILLS[0]}": "p1a", f"{LESSON}/{SKILLS[1]}": "p1b"}


def test_a_topic_without_questions_has_only_its_text(tree: Tree) -> None:
    course = tree.read()
    assert [item.external_id for item in course.items] == [
        f"{LESSON}/{SKILLS[0]}/text",
        f"{LESSON}/{SKILLS[1]}/text",
    ]
    assert bodies(course)[0] == (
        "Objective: Add whole numbers.\n\nThere is no text and no practice under this objective "
        "alone: see the other topics of this lesson."
    )


@pytest.mark.parametrize(
    ("problems", "line"),
    [
        (1, "One quiz with one question follows."),
        (2, "One quiz with 2 questions follows."),
        (13, "2 quizzes with 13 questions follow."),
    ],
)
def test_a_text_without_ideas_or_examples_points_to_the_practice(
    tree: Tree, problems: int, line: str
) -> None:
    for number in range(problems):
        tree.problem(f"p{number}")
        tree.step(f"p{number}a", "1")
    assert bodies(tree.read())[0] == (
        "Objective: Add whole numbers.\n\nThere is no text on this objective: it is learned by "
        f"doing, with hints and worked solutions. {line}"
    )


def test_digests_are_those_of_the_fields_an_import_writes(tree: Tree) -> None:
    tree.problem("p1")
    tree.step("p1a", "1")
    course = tree.read()
    for module in course.modules:
        assert module.digest == module_digest(
            parent_external_id=module.parent_external_id,
            title=module.title,
            description=module.description,
            module_type=module.module_type,
            sequence_index=module.sequence_index,
        )
    for item in course.items:
        assert item.digest == digest_of(item)


def digest_of(item: ImportedItem) -> str:
    return item_digest(
        module_external_id=item.module_external_id,
        title=item.title,
        description=item.description,
        content_type=item.content_type,
        data=json.loads(json.dumps(item.data)),
        sequence_index=item.sequence_index,
        estimated_duration_seconds=item.estimated_duration_seconds,
    )


def quizzes(course: ImportedCourse) -> list[list[str]]:
    return [
        [q["source_id"] for q in item.data["questions"]]
        for item in course.items
        if item.content_type == "quiz"
    ]


def test_questions_stand_in_natural_order_and_count_from_one(tree: Tree) -> None:
    for number in (10, 9, 2):
        tree.problem(f"whole{number}")
        tree.step(f"whole{number}b", "1")
        tree.step(f"whole{number}a", "1")
    course = tree.read()
    assert quizzes(course) == [["whole2a", "whole2b", "whole9a", "whole9b", "whole10a", "whole10b"]]
    assert [q["id"] for q in questions(course)] == [1, 2, 3, 4, 5, 6]


def test_quizzes_are_even_and_keep_the_steps_of_a_problem_together(tree: Tree) -> None:
    for number in range(1, 6):
        tree.problem(f"p{number}")
        for letter in "abc":
            tree.step(f"p{number}{letter}", "1")
    course = tree.read()
    assert [len(quiz) for quiz in quizzes(course)] == [9, 6]
    assert [i.external_id for i in course.items if i.content_type == "quiz"] == [
        f"{LESSON}/{SKILLS[0]}/quiz-1",
        f"{LESSON}/{SKILLS[0]}/quiz-2",
    ]


def test_a_problem_with_more_than_twelve_steps_is_parted(tree: Tree) -> None:
    tree.problem("p1")
    for letter in "abcdefghijklmnopqr":
        tree.step(f"p1{letter}", "1")
    assert [len(quiz) for quiz in quizzes(tree.read())] == [9, 9]


@pytest.mark.parametrize(
    ("titles", "shown"),
    [
        (["Evaluating Expressions #1", "Evaluating Expressions #2"], "Evaluating Expressions"),
        (["In the following exercises, solve each one"] * 2, "Solve each one"),
        (["Emma's Rent", "Jo's Bicycle"], "Add whole numbers"),
        (["Simplify", "Simplify"], "Add whole numbers"),
        (["The value of $$x$$", "The value of $$x$$"], "Add whole numbers"),
    ],
)
def test_a_quiz_is_named_for_what_its_problems_share(
    tree: Tree, titles: list[str], shown: str
) -> None:
    for number, title in enumerate(titles):
        tree.problem(f"p{number}", title=title)
        tree.step(f"p{number}a", "1")
    (quiz,) = [item for item in tree.read().items if item.content_type == "quiz"]
    assert quiz.title == f"Practice: {shown}"
