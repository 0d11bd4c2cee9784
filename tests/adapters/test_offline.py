"""The offline tutor teaches a lesson from the course's own data, and never makes anything up."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.tutoring import QUESTIONS, TEXT, Lesson, answer, material, request, started, verdict
from twosigma.adapters.offline.phrases import ENGLISH
from twosigma.adapters.offline.questions import labels
from twosigma.adapters.offline.tutor import compose
from twosigma.domain.llm import Said
from twosigma.domain.quiz import AskedQuestion, Hint, Option


def test_the_greeting_tells_place_topic_and_count_and_asks_the_first_question() -> None:
    reply = Lesson().say("Start.")
    assert "**Solving equations**" in reply
    assert "Elementary Algebra › Chapter 2 › Lesson 2.1" in reply
    assert "One variable, one solution." in reply
    assert "**To read up on:** Linear equations, Inverse operations, Checking. Say" in reply
    assert "undo what was done" not in reply
    assert "3 questions" in reply
    assert "**Question 1 of 3**\n\nWhich of these is a linear equation?" in reply
    assert "- **A)** \\(x^2 = 4\\)\n- **B)** \\(2x + 3 = 11\\)" in reply
    assert reply.endswith("*Choose one: A, B.*")


def test_a_walk_from_greeting_to_summary() -> None:
    lesson = started()
    wrong = lesson.answer(
        1, "\\(x^2 = 4\\)", correct=False, key="\\(2x + 3 = 11\\)", why="No squares in it."
    )
    assert wrong.startswith(ENGLISH.wrong)
    assert "Your answer: **A)** \\(x^2 = 4\\)" in wrong
    assert "The answer is **B)** \\(2x + 3 = 11\\)." in wrong
    assert "**Why:** No squares in it." in wrong
    assert "**Question 2 of 3**" in wrong
    right = lesson.answer(2, "4", correct=True, key="4", why="First step.\n\nSecond step.")
    assert right.startswith(ENGLISH.right)
    assert "Your answer" not in right
    assert "**Why:**\n\nFirst step." in right
    assert "Here is the last one." in right
    assert "**Question 3 of 3**" in right
    last = lesson.answer("third", "True", correct=True, key="True", why="You put it back in.")
    assert "That was the last question." in last
    assert "**2 of 3** right" in last
    assert "- 1. Which of these is a linear equation?" in last
    assert "go on to the next part of **Lesson 2.1**" in last
    assert "**Question" not in last


def test_all_right_is_praised_and_rows_are_counted() -> None:
    lesson = started()
    replies = [lesson.answer(one.id, "x", correct=True) for one in QUESTIONS]
    assert ["in a row" in reply for reply in replies] == [False, False, True]
    assert ENGLISH.all_right in replies[-1]
    assert ENGLISH.look_again not in replies[-1]


def test_without_an_explanation_the_lesson_itself_is_quoted() -> None:
    lesson = started(material(questions=QUESTIONS[2:]))
    assert "**From the lesson:**" not in lesson.answer("third", "x", correct=False, why="So.")
    reply = lesson.answer("third", "x", correct=False)
    assert "**From the lesson:**\n\nPut the solution back into the equation" in reply


def test_a_question_answered_again_keeps_its_last_verdict() -> None:
    lesson = started()
    for one in QUESTIONS:
        lesson.answer(one.id, "x", correct=False)
    assert "**1 of 3**" in lesson.answer(2, "4", correct=True)


def test_an_answer_to_a_later_question_leaves_the_open_one_open() -> None:
    lesson = started()
    assert "**Question 1 of 3**" in lesson.answer("third", "True", correct=True)


def test_praise_varies_with_the_answer_but_not_between_two_walks() -> None:
    def openings(of: range) -> list[str]:
        asked = tuple(AskedQuestion(id=n, type="numeric", prompt=f"{n}?") for n in range(40))
        lesson = started(material(questions=asked))
        return [lesson.answer(n, "1", correct=n % 2 == 0).split("\n")[0] for n in of]

    assert openings(range(40)) == openings(range(40))
    assert len(set(openings(range(40)))) > 6


@pytest.mark.parametrize("kept", [4, 20, 40])
def test_a_cut_history_goes_on_where_it_was(kept: int) -> None:
    asked = tuple(AskedQuestion(id=n, type="numeric", prompt=f"What is {n}?") for n in range(30))
    lesson = started(material(questions=asked))
    for n in range(28):
        lesson.answer(n, "1", correct=n != 27)
    history = lesson.history[:2] + lesson.history[-kept:]
    cut = len(lesson.history) - len(history)
    asks = request("repeat", about=lesson.about, history=history, cut=cut)
    assert compose(asks) == lesson.say("repeat")
    note = verdict(28, correct=True)
    reply = compose(request(answer(28, 1), about=lesson.about, history=history, cut=cut, note=note))
    assert "**Question 30 of 30**" in reply
    done = (*history, Said(role="user", content="x", graded=note.graded), Said(
        role="assistant", content=reply))  # fmt: skip
    reply = compose(
        request(
            answer(29, 1), about=lesson.about, history=done, cut=cut, note=verdict(29, correct=True)
        )
    )
    assert f"Of the {kept // 2 + 2} answers I can still look back on, **{kept // 2 + 1}**" in reply


def test_after_a_cut_the_last_reminder_tells_the_open_question() -> None:
    lesson = started()
    lesson.answer(1, "x", correct=True)
    for message in ("thanks", "thanks"):
        lesson.say(message)
    history = lesson.history[:2] + lesson.history[-2:]
    reply = compose(request("repeat", history=history, cut=4))
    assert reply == lesson.say("repeat")
    assert "**Question 2 of 3**" in reply


def test_after_a_cut_with_no_question_in_sight_none_is_asked_again() -> None:
    said = (Said(role="user", content="thanks"), Said(role="assistant", content="Welcome."))
    history = started().history + said * 20
    assert "question 1" not in compose(request("thanks", history=history, cut=60))
    assert "question 1" in compose(request("thanks", history=history))


# Other items --------------------------------------------------------------------------------


def test_a_text_to_read_is_shown_itself() -> None:
    reply = Lesson(material(content_type="text", questions=())).say("Start.")
    assert TEXT in reply
    assert reply.endswith(ENGLISH.invite)


def test_an_items_own_title_is_not_the_end_of_its_place() -> None:
    reply = Lesson(material(title="Lesson 2.1")).say("Start.")
    assert "You are here: Elementary Algebra › Chapter 2\n" in reply


def test_a_long_text_is_read_in_parts() -> None:
    text = "\n\n".join(f"## Part {n}\n\n{f'word{n} ' * 800}" for n in range(4))
    lesson = Lesson(material(content_type="text", text=text, questions=()))
    replies = [lesson.say("Start."), *(lesson.say(word) for word in ("continue", "next", "more"))]
    replies.append(lesson.say("read on"))
    shown = [[n for n in range(4) if f"word{n}" in reply] for reply in replies]
    assert shown == [[0], [1], [2], [3], []]
    assert "part 1 of 4" in replies[0]
    assert ENGLISH.last_part in replies[3]
    assert ENGLISH.nothing_more in replies[4]


def test_of_a_long_transcript_only_the_beginning_introduces_the_item() -> None:
    text = "\n\n".join(f"Sentence {n} of the talk is this one. " * 9 for n in range(40))
    lesson = Lesson(material(content_type="video", text=text))
    reply = lesson.say("Start.")
    assert "Sentence 0" in reply
    assert "Sentence 9 " not in reply
    assert "Sentence 0" in lesson.say("continue")


def test_an_item_with_nothing_in_it_still_greets() -> None:
    empty = material(
        title="", description="", text="", course_title="", module_title="", module_path=(),
        questions=(),
    )  # fmt: skip
    reply = Lesson(empty).say("Start.")
    assert ENGLISH.no_material in reply
    assert "You are here" not in reply


def test_every_type_of_question_says_how_it_is_answered() -> None:
    for kind, how in ENGLISH.how.items():
        asked = AskedQuestion(id=1, type=kind, prompt="P?")  # type: ignore[arg-type]  # Hypothesis draws it
        assert how.format(labels="") in Lesson(material(questions=(asked,))).say("Start.")


def test_choices_are_lettered_past_z_unless_their_ids_are_letters() -> None:
    many = tuple(Option(id=n, text=str(n)) for n in range(28))
    shown = labels(AskedQuestion(id=1, type="single", prompt="", options=many))
    assert [shown[str(n)] for n in (0, 25, 26, 27)] == ["A", "Z", "AA", "AB"]
    own = (Option(id="c", text="1"), Option(id="a", text="2"))
    assert labels(AskedQuestion(id=1, type="single", prompt="", options=own)) == {
        "c": "C", "a": "A",
    }  # fmt: skip


def test_an_answer_is_lettered_by_its_text_not_by_an_id_that_looks_like_it() -> None:
    options = (Option(id=1, text="2"), Option(id=2, text="1"), Option(id=3, text="x; y"))
    asked = AskedQuestion(id=1, type="multiple", prompt="Which?", options=options)
    lesson = started(material(questions=(asked,)))
    reply = lesson.answer(1, "1; 2", correct=False, key="x; y")
    assert "Your answer: **B)** 1; **A)** 2" in reply
    assert "The answer is **C)** x; y." in reply


KINDS = st.sampled_from(["single", "multiple", "true_false", "numeric", "short_text"])


@st.composite
def quizzes(draw: st.DrawFn) -> tuple[AskedQuestion, ...]:
    count = draw(st.integers(1, 12))
    ids: list[int | str] = [n if draw(st.booleans()) else f"q{n}" for n in range(1, count + 1)]
    return tuple(
        AskedQuestion(
            id=ids[n - 1],
            type=draw(KINDS),  # type: ignore[arg-type]  # Hypothesis draws it
            prompt=f"Prompt{n}. " + draw(st.text(max_size=20)),
            options=tuple(
                Option(id=f"o{m}", text=f"choice {n}-{m}") for m in range(draw(st.integers(0, 3)))
            ),
            hints=tuple(Hint(text=f"hint {n}-{m}") for m in range(draw(st.integers(0, 2)))),
        )
        for n in range(1, count + 1)
    )


@settings(max_examples=60)
@given(quizzes(), st.lists(st.booleans(), min_size=12, max_size=12))
def test_a_walk_asks_every_question_once_and_tells_each_key_only_after_its_answer(
    asked: tuple[AskedQuestion, ...], verdicts: Sequence[bool]
) -> None:
    lesson = Lesson(material(questions=asked))
    replies = [lesson.say("Start.")]
    for n, (one, correct) in enumerate(zip(asked, verdicts, strict=False), start=1):
        replies.append(
            lesson.answer(one.id, f"given-{n}-", correct=correct, key=f"key-{n}-", why=f"why-{n}-")
        )
    for n in range(1, len(asked) + 1):
        head = f"**Question {n} of {len(asked)}**"
        assert [head in reply for reply in replies] == [at == n - 1 for at in range(len(replies))]
        for told in (f"key-{n}-", f"why-{n}-"):
            assert [told in reply for reply in replies] == [at == n for at in range(len(replies))]
    right = sum(verdicts[: len(asked)])
    assert f"**{right} of {len(asked)}**" in replies[-1]


MESSAGES = st.one_of(
    st.text(max_size=300),
    st.sampled_from(["hint", "next", "continue", "why", "question 2", "yes", "What is x?", "B"]),
    st.builds(answer, st.sampled_from([1, 2, 9]), st.text(max_size=5)),
)


@settings(max_examples=150)
@given(st.lists(MESSAGES, max_size=5), st.booleans())
@example(['{"a":' * 1_600], True)
@example(["{" * 8_000, "$$" * 4_000, "`" * 8_000, "\\(" * 4_000], True)
@example(["what is " + "a " * 3_990, "=" * 8_000, "the answer is " * 500], True)
def test_any_message_gets_an_answer_and_the_same_one_each_time(
    said: list[str], has_questions: bool
) -> None:
    about = material() if has_questions else material(questions=(), text="")
    first, second = started(about), started(about)
    for message in said:
        reply = first.say(message)
        assert reply.strip()
        assert reply == second.say(message)
