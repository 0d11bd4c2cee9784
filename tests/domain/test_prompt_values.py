"""What the material puts into a prompt."""

from hypothesis import given
from hypothesis import strategies as st

from tests import strategies as some
from twosigma.domain.llm import Material
from twosigma.domain.prompt_template import fill
from twosigma.domain.prompt_values import prompt_values
from twosigma.domain.quiz import AskedQuestion, Hint, Option

MATERIAL = Material(
    title="Sums",
    description="Adding",
    content_type="quiz",
    course_title="Algebra",
    module_title="Week 1",
    module_path=("Algebra", "Week 1"),
    text="Count on.",
    questions=(
        AskedQuestion(
            id=1,
            type="single",
            prompt="2 + 2?",
            options=(Option(id="A", text="3"), Option(id="B", text="4")),
        ),
        AskedQuestion(id="n", type="numeric", prompt="5 - 3?", hints=(Hint(text="Count back."),)),
    ),
)


def test_every_variable_of_the_contract_is_filled() -> None:
    assert prompt_values(MATERIAL, "es") == {
        "title": "Sums",
        "description": "Adding",
        "content_type": "quiz",
        "course_title": "Algebra",
        "module_title": "Week 1",
        "module_path": "Algebra › Week 1",
        "locale": "es",
        "content": "Count on.",
        "questions": "- question 1 (single): 2 + 2?\n  - A: 3\n  - B: 4\n"
        "- question n (numeric): 5 - 3?\n  - hint: Count back.",
    }


@given(some.materials, st.sampled_from(["en", "de"]))
def test_each_question_and_choice_is_in_the_prompt(material: Material, locale: str) -> None:
    text = fill("{{questions}}", prompt_values(material, locale))
    for question in material.questions:
        assert question.prompt.strip() in text
        assert all(option.text in text for option in question.options)
        assert all(hint.text in text for hint in question.hints)
