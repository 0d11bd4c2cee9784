"""The course that comes with 2Sigma, read once as it is packed."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.adapters.oatutor_tree import bodies, questions
from twosigma.adapters.courses import demo
from twosigma.domain import quiz
from twosigma.domain.imports import ImportedCourse, ImportedItem, ImportedModule


@pytest.fixture(scope="module")
def course() -> ImportedCourse:
    return demo.demo_course()


def test_the_packaged_course_has_its_71_lessons_and_all_that_hangs_on_them(
    course: ImportedCourse,
) -> None:
    kinds = Counter(module.module_type for module in course.modules)
    assert kinds == {"COURSE_ROOT": 1, "CHAPTER": 10, "LESSON": 71, "TOPIC": 204}
    assert Counter(item.content_type for item in course.items) == {"text": 204, "quiz": 185}
    assert (course.title, course.external_id) == (
        "Elementary Algebra",
        "openstax-elementary-algebra",
    )


def test_every_one_of_its_2520_steps_is_asked_or_reported(course: ImportedCourse) -> None:
    types = Counter(question["type"] for question in questions(course))
    assert types == {"numeric": 824, "single": 553, "short_text": 7}
    left_out = Counter(skip.reason for skip in course.skipped)
    assert left_out == {"algebra": 951, "figure": 181, "duplicate_choices": 4}
    assert types.total() + left_out.total() == 2520
    steps = [q["source_id"] for q in questions(course)]
    assert len(set(steps) | {skip.external_id for skip in course.skipped}) == 2520


def test_the_four_with_repeated_choices_are_named(course: ImportedCourse) -> None:
    repeated = {s.external_id for s in course.skipped if s.reason == "duplicate_choices"}
    assert repeated == {
        "a08a388line8a",
        "ad3a8eemixapp11a",
        "a08a388line23a",
        "a381217systemeq18a",
    }


def test_the_place_of_a_choice_says_nothing_of_the_key(course: ImportedCourse) -> None:
    places: dict[int, Counter[int]] = {}
    for question in questions(course):
        if question["type"] == "single":
            ids = [option["id"] for option in question["options"]]
            places.setdefault(len(ids), Counter())[ids.index(question["correct"])] += 1
    # 99.9 % points of chi-squared with 1, 2, 3 degrees of freedom
    for choices, limit in ((2, 10.83), (3, 13.82), (4, 16.27)):
        expected = places[choices].total() / choices
        spread = sum((places[choices][n] - expected) ** 2 / expected for n in range(choices))
        assert spread < limit


def test_option_and_question_ids_and_texts_are_unique(course: ImportedCourse) -> None:
    for item in course.items:
        asked = item.data.get("questions", [])
        assert [q["id"] for q in asked] == list(range(1, len(asked) + 1))
        assert len(asked) <= 12
        for question in asked:
            texts = [option["text"] for option in question.get("options", ())]
            assert all(texts)
            assert len({text.casefold() for text in texts}) == len(texts)


def test_no_raw_markup_stays(course: ImportedCourse) -> None:
    shown = [item.title for item in course.items] + [module.title for module in course.modules]
    for item in course.items:
        shown += strings(item.data)
    assert not [text for text in shown if "$$" in text or "##figure" in text or "\\n " in text]
    assert not [text for text in shown if text.count(r"\(") != text.count(r"\)")]
    assert not [text for text in shown if re.search(r"\\n(?!e|u|ot)", text)]


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value
    return [s for v in inside for s in strings(v)] if isinstance(value, dict | list) else []


def test_every_prompt_and_title_fits_its_limits(course: ImportedCourse) -> None:
    assert all(question["prompt"] for question in questions(course))
    rows: list[ImportedItem | ImportedModule] = [*course.items, *course.modules]
    for row in rows:
        assert 1 <= len(row.title) <= 200
        assert len(row.description) <= 10_000
    assert max(len(json.dumps(item.data)) for item in course.items) < 256 * 1024


def test_external_ids_are_unique_and_parents_come_first(course: ImportedCourse) -> None:
    modules = [module.external_id for module in course.modules]
    items = [item.external_id for item in course.items]
    assert len(set(modules)) == len(modules)
    assert len(set(items)) == len(items)
    for place, module in enumerate(course.modules[1:], 1):
        assert module.parent_external_id in modules[:place]
    assert {item.module_external_id for item in course.items} <= set(modules)


def test_no_worked_example_solves_what_is_asked(course: ImportedCourse) -> None:
    prompts = {question["prompt"] for question in questions(course)}
    examples = [
        example.partition("\n\n**Solution**")[0].partition("\n\n")[2]
        for body in bodies(course)
        for example in body.split("### Example ")[1:]
    ]
    assert len(examples) == 225
    assert not prompts & set(examples)


def test_150_topics_tell_their_key_ideas_in_the_text_and_in_every_quiz(
    course: ImportedCourse,
) -> None:
    told = {
        item.module_external_id: ideas(item.data["body"])
        for item in course.items
        if item.content_type == "text"
    }
    assert sum(map(bool, told.values())) == 150
    assert sum(map(len, told.values())) == 464
    assert max(map(len, told.values())) == 11
    for item in course.items:
        assert len(ideas(item.data.get("body", ""))) == len(told[item.module_external_id])
        if item.content_type == "quiz":
            assert ideas(item.data.get("body", "")) == told[item.module_external_id]
    place = next(topic for topic in told if "divisibility_tests" in topic)
    assert r"**Rule.** A number is divisible by \(10\) if it ends with \(0\)." in told[place]


def ideas(body: str) -> list[str]:
    section = body.partition("## Key ideas\n\n")[2].partition("\n\n## ")[0]
    return section.split("\n\n") if section else []


def test_a_key_idea_that_holds_an_answer_stands_beside_different_ones(
    course: ImportedCourse,
) -> None:
    beside: dict[tuple[str, str], set[str]] = {}
    telling = set()
    for item in course.items:
        for question in quiz.questions_of(item.data):
            safe = quiz.asked(question).hints
            for hint in question.hints:
                place = item.module_external_id, hint.text
                beside.setdefault(place, set()).add(quiz.correct_answer_text(question))
                if hint not in safe and _points_at_no_letter(hint.text):
                    telling.add(place)
    told = {
        (item.module_external_id, text)
        for item in course.items
        for idea in ideas(item.data.get("body", ""))
        for text in [re.sub(r"^\*\*.*?\.\*\* ", "", idea)]
    }
    assert len(told & telling) > 10
    assert [place for place in told & telling if len(beside[place]) < 2] == []


def _points_at_no_letter(text: str) -> bool:
    return re.search(r"\b[A-Fa-f]\b", text) is None


def test_no_text_repeats_its_title_as_a_heading(course: ImportedCourse) -> None:
    for item in course.items:
        if item.content_type == "text":
            assert item.data["body"].startswith(f"Objective: {item.title.rstrip('.')}.\n\n")
            assert f"# {item.title}" not in item.data["body"]


def test_two_readings_are_equal(course: ImportedCourse) -> None:
    assert demo.demo_course() == course


def test_the_license_comes_with_the_course(course: ImportedCourse) -> None:
    assert course.attribution in demo.demo_license()
    assert "https://creativecommons.org/licenses/by/4.0/" in course.license


def test_the_progress_of_the_demo_reaches_all_problems() -> None:
    seen: list[tuple[int, int]] = []
    demo.demo_course(lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2032, 2032)
