"""How the offline tutor answers what is no answer to a question."""

from typing import Any

import pytest

from tests.tutoring import QUESTIONS, answer, material, request, started
from twosigma.adapters.offline.phrases import ENGLISH, phrases_for
from twosigma.adapters.offline.tutor import compose
from twosigma.domain.llm import Material
from twosigma.domain.quiz import AskedQuestion, Hint, Option

COVERS = "It covers: Linear equations, Inverse operations, Checking."


def test_hints_come_one_after_another_and_then_no_more() -> None:
    lesson = started()
    assert "**Hint 1 of 2: Powers.** Look at the power" in lesson.say("hint please")
    assert "**Hint 2 of 2.** A linear one" in lesson.say("I'm stuck, can I have a clue?")
    assert "all the hints for question 1" in lesson.say("I don't know")
    lesson.answer(1, "x", correct=True)
    assert "no hints for question 2" in lesson.say("hint")
    assert "**Hint 1 of" not in lesson.say("a hint for question 1")


def test_the_key_is_never_told_but_a_hint_is() -> None:
    reply = started().say("Just tell me the answer!")
    assert reply.startswith(ENGLISH.keep_key)
    assert "Hint 1 of 2" in reply


@pytest.mark.parametrize(
    ("message", "example"),
    [("B", '{"answer":"b","questionId":1}'), ("I think it is b).", '{"answer":"b","questionId":1}'),
     ("\\(x^2 = 4\\)", '{"answer":"a","questionId":1}')],
)  # fmt: skip
def test_an_answer_in_chat_text_is_not_marked_but_shown_how_to_send(
    message: str, example: str
) -> None:
    reply = started().say(message)
    assert f"`{example}`" in reply
    assert "**Question 1 of 3**" in reply
    assert not reply.startswith((*ENGLISH.right, *ENGLISH.wrong))


@pytest.mark.parametrize(
    ("kind", "message", "value"),
    [("numeric", "31", '"31"'), ("numeric", "the answer is -2,5.", '"-2,5"'),
     ("true_false", "true", "true"), ("algebraic", "x = 2(y+3)", '"x = 2(y+3"'),
     ("algebraic", "2x+1", '"2x+1"'), ("short_text", "rational numbers", '"rational numbers"'),
     ("multiple", "a", '["a"]')],
)  # fmt: skip
def test_a_typed_answer_is_known_by_the_question_it_is_for(
    kind: str, message: str, value: str
) -> None:
    options = (Option(id="a", text="one"),) if kind == "multiple" else ()
    asked = AskedQuestion(id=5, type=kind, prompt="P?", options=options)  # type: ignore[arg-type]  # Hypothesis draws it
    reply = started(material(questions=(asked,))).say(message)
    assert f'{{"answer":{value},"questionId":5}}' in reply


def test_an_answer_that_could_not_be_marked_is_asked_for_again() -> None:
    lesson = started()
    assert lesson.say(answer(99, "a")).startswith(ENGLISH.unlisted)
    unfit = lesson.say(answer("third", "maybe"))
    assert unfit.startswith("That does not fit question 3")
    assert "**Question 3 of 3**" in unfit
    assert lesson.say(answer(99, "a")).count("**Question 1 of 3**") == 1


def test_a_definition_is_quoted_from_the_text_and_leads_back() -> None:
    reply = started().say("What is a linear equation?")
    assert "A **linear equation** in one variable can be written as" in reply
    assert "question 1 is still open: Which of these is a linear equation?" in reply


@pytest.mark.parametrize(
    "message",
    ["How do I undo what was added?", '{"type":"followup","text":"undo what was added"}'],
)
def test_a_question_gets_the_passage_that_fits(message: str) -> None:
    reply = started().say(message)
    assert "under **Inverse operations**" in reply
    assert "undo what was done to the variable" in reply


def test_nothing_is_made_up() -> None:
    reply = started().say("Who won the football match yesterday?")
    assert reply.startswith(ENGLISH.not_found)
    assert "It covers: Linear equations, Inverse operations, Checking." in reply


IDEAS = """## Key ideas

**Rule.** A number is divisible by \\(10\\) if it ends with \\(0\\).

**Rule.** A number is divisible by \\(6\\) if it is divisible by \\(2\\) and \\(3\\).

**Digit sum.** Add up all its figures."""


def divisibility(**changes: Any) -> Material:
    asked = AskedQuestion(
        id=1,
        type="numeric",
        prompt="What is left of 4,962?",
        hints=(Hint(text="Is it even?"), Hint(title="Digit sum", text="Add up all its figures.")),
    )
    fields = {
        "title": "Practice: Divisibility Tests",
        "description": "Questions on: Identify multiples and apply divisibility tests.",
        "module_title": "Identify multiples and apply divisibility tests",
        "text": IDEAS,
        "questions": (asked,),
    }
    return material(**{**fields, **changes})


@pytest.mark.parametrize("message", ["What is a multiple?", "multiples and tests please"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Identify multiples\n\nLesson 2.1: Chapter 2, Elementary Algebra",
        "## What you will learn\n\n- To know each multiple of a number, and tests for it",
        "Objective: Identify multiples and apply divisibility tests.",
    ],
)
def test_a_title_a_place_or_an_objective_is_no_answer(message: str, text: str) -> None:
    reply = started(divisibility(text=text)).say(message)
    assert reply.startswith(ENGLISH.not_found)
    assert "Say “hint” for a first step on question 1." in reply
    assert "question 1 is still open" in reply


def test_where_nothing_answers_what_there_is_is_offered() -> None:
    lesson = started(divisibility())
    for _ in range(2):
        reply = lesson.say("What is a multiple?")
        assert "It covers: Key ideas (Rule ×2; Digit sum)." in reply
        assert "Say “hint” for a first step" in reply
    lesson.say("hint")
    lesson.say("hint")
    assert "Say “hint”" not in lesson.say("What is a multiple?")


def test_no_meaning_is_taken_from_a_question_or_an_example() -> None:
    example = "### Example 1\n\nFind a multiple of 12 that is also one of 18."
    asked = AskedQuestion(
        id=1,
        type="numeric",
        prompt="Name the first multiple of twelve.",
        hints=(Hint(text="Which multiple of twelve do you know?"),),
    )
    lesson = started(divisibility(text=example, questions=(asked,)))
    assert lesson.say("What is a multiple?").startswith(ENGLISH.not_found)
    assert "also one of 18" in lesson.say("multiple of 18")


def test_an_idea_answers_before_a_question_that_speaks_of_it() -> None:
    asked = AskedQuestion(id=1, type="numeric", prompt="Is 4,962 divisible by \\(6\\) too?")
    lesson = started(divisibility(questions=(asked,)))
    reply = lesson.say("how do I know whether a number is divisible by 6?")
    assert reply.startswith("Here is what the lesson says under **Key ideas**:")
    assert "divisible by \\(2\\) and" in reply
    assert "ends with" not in reply


def test_explain_tells_the_idea_that_a_hint_of_the_open_question_repeats() -> None:
    reply = started(divisibility()).say("explain")
    assert "**Digit sum.** Add up all its figures." in reply
    assert "Rule" not in reply


def test_of_two_ideas_that_hints_repeat_the_one_that_fits_the_question_is_told() -> None:
    rules = [Hint(text=line.partition("** ")[2]) for line in IDEAS.split("\n\n")[1:3]]
    asked = AskedQuestion(id=1, type="numeric", prompt="divisible by 6", hints=tuple(rules))
    reply = started(divisibility(questions=(asked,))).say("explain")
    assert "divisible by \\(2\\) and" in reply
    assert "ends with" not in reply


def test_explain_without_a_fitting_idea_offers_a_hint() -> None:
    reply = started(divisibility(text="")).say("explain")
    assert reply.startswith(f"{ENGLISH.think}\n\nSay “hint” for a first step on question 1.")


def test_skipping_comes_back_to_what_was_left_out() -> None:
    lesson = started()
    assert "**Question 2 of 3**" in lesson.say("skip this one")
    assert "**Question 3 of 3**" in lesson.answer(2, "4", correct=True)
    assert "**Question 1 of 3**" in lesson.answer("third", "True", correct=True)
    assert lesson.say("next").startswith(ENGLISH.only_one)


@pytest.mark.parametrize(
    ("message", "part"),
    [("repeat", "**Question 1 of 3**"), ("question 2", "**Question 2 of 3**"),
     ("yes", "**Question 1 of 3**"), ("no", ENGLISH.no_hurry), ("Thanks!", ENGLISH.thanks),
     ("hello", ENGLISH.hello), ("help", ENGLISH.usage), ("score", "there are 3 to do"),
     ("why?", "linear equation"), ("explain question 2", "**Question 2 of 3**"),
     ("continue", "# Linear equations"), ("question 77", ENGLISH.usage)],
)  # fmt: skip
def test_small_requests_are_understood(message: str, part: str) -> None:
    assert part in started().say(message)


def test_a_question_called_up_by_number_is_the_open_one_then() -> None:
    lesson = started()
    lesson.say("question 2")
    assert "**Question 3 of 3**" in lesson.answer(2, "4", correct=True)


def test_why_after_an_answer_is_about_that_answer() -> None:
    lesson = started()
    lesson.answer(1, "x", correct=False)
    assert "1. **Powers.** Look at the power of the variable." in lesson.say("Why?")


def test_the_score_so_far_is_told() -> None:
    lesson = started()
    lesson.answer(1, "x", correct=True)
    lesson.answer(2, "x", correct=False)
    assert "So far 1 of 2 right, 1 still to do." in lesson.say("How am I doing?")


def test_locales_without_phrases_are_served_in_english() -> None:
    assert phrases_for("pt-BR") is phrases_for("en-GB") is ENGLISH
    assert compose(request(locale="pt-BR")) == compose(request())


def test_a_question_or_a_hint_is_quoted_where_the_text_says_nothing() -> None:
    lesson = started(material(text=""))
    assert "Question 3 is about that: Checking needs" in lesson.say("original equation checking")
    found = lesson.say("what about the power of a variable")
    assert "One of the hints to question 1" in found
    assert "Look at the power of the variable." in found


def test_after_the_last_question_there_is_still_something_to_say() -> None:
    lesson = started()
    for one in QUESTIONS:
        lesson.answer(one.id, "x", correct=True)
    assert lesson.say(answer(99, "a")) == f"{ENGLISH.unlisted}\n\n{ENGLISH.usage}"
    assert lesson.say("hint") == f"{COVERS}\n\n{ENGLISH.usage}"
    assert "1. **Powers.**" in lesson.say("what about question 1?")
    assert "**Question 1 of 3**" in lesson.say("question 1")
    assert lesson.say("yes") == ENGLISH.usage


def test_a_bare_how_is_about_the_open_question() -> None:
    assert "A **linear equation** in one variable" in started().say("How would I do that?")


def test_a_passage_without_a_heading_is_quoted_as_the_lesson() -> None:
    lesson = started(
        material(text="Multiples of five end in five or zero, always.", description="")
    )
    assert lesson.say("multiples of five").startswith(ENGLISH.found)
