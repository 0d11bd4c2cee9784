"""What a model of text is told: the conversation by turns, the system prompt, the verdict."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.tutoring import answer, context, material, request, verdict
from twosigma.domain.llm import Said, TutorRequest
from twosigma.domain.rendering import alternating, conversation, system_prompt

SAID = st.builds(Said, role=st.sampled_from(["user", "assistant"]), content=st.text(min_size=1))


@given(st.lists(SAID, max_size=6), st.integers(0, 3))
def test_f91_roles_alternate_whatever_the_history(history: list[Said], cut: int) -> None:
    told = alternating(conversation(request("Why?", history=tuple(history), cut=cut)))
    assert [role for role, _ in told] == [*["user", "assistant"] * 9][: len(told)]
    assert told[-1][1].endswith("Why?")
    joined = "\n\n".join(text for _, text in told)
    assert all(said.content in joined for said in history)


def test_a_greeting_whose_question_was_cut_is_asked_for_again() -> None:
    asked = request("Why?", history=(Said(role="assistant", content="Welcome!"),))
    assert conversation(asked) == [("user", "Start."), ("assistant", "Welcome!"), ("user", "Why?")]


def test_the_verdict_stands_in_the_system_prompt_alone() -> None:
    note = verdict(2, correct=False, given="5", key="four", why="Subtract first.")
    asked = request(answer(2, "5"), note=note)
    assert conversation(asked) == [("user", '{"answer":"5","questionId":2}')]
    assert all(part in system_prompt(asked) for part in ("wrong", "four", "Subtract first."))
    without = system_prompt(request(answer(2, "5")))
    assert not any(part in without for part in ("Verdict", "four", "Subtract first."))


def test_a_verdict_says_no_more_than_there_is() -> None:
    told = system_prompt(request(answer(2, "5"), note=verdict(2, correct=True, given="5")))
    assert "- verdict: correct" in told
    assert not any(part in told for part in ("right answer", "explanation"))


def test_a_cut_is_noted() -> None:
    assert "12 earlier messages" in system_prompt(request(cut=12))
    assert "earlier messages" not in system_prompt(request())


def test_material_is_told_once_whether_or_not_the_prompt_names_it() -> None:
    bare = system_prompt(request())
    assert "undo what was done" in bare
    assert "question 2 (numeric)" in bare
    assert "b: \\(2x + 3 = 11\\)" in bare
    assert "- hint: A linear one has no squares." in bare
    filled = msgspec.structs.replace(context(material()), system=bare)
    again = TutorRequest(context=filled, history=(), cut=0, message="Start.")
    assert system_prompt(again) == bare


def test_without_material_there_is_the_prompt_alone() -> None:
    about = material(text=" ", questions=())
    assert system_prompt(request(about=about)) == "You are a patient tutor."
