"""What the tutor's material puts into a prompt."""

from twosigma.domain.llm import Material
from twosigma.domain.prompt_template import Value
from twosigma.domain.quiz import AskedQuestion


def prompt_values(material: Material, locale: str) -> dict[str, Value]:
    """The values of a prompt's variables, but for the personal ones."""
    return {
        "title": material.title,
        "description": material.description,
        "content_type": material.content_type,
        "course_title": material.course_title,
        "module_title": material.module_title,
        "module_path": " › ".join(material.module_path),
        "locale": locale,
        "content": material.text,
        "questions": "\n".join(map(question_text, material.questions)),
    }


def question_text(question: AskedQuestion) -> str:
    """A question as a tutor is told it: its id, kind and text, its choices, its hints in order."""
    choices = "".join(f"\n  - {option.id}: {option.text}" for option in question.options)
    hints = "".join(f"\n  - hint: {hint.text}" for hint in question.hints)
    return f"- question {question.id} ({question.type}): {question.prompt.strip()}{choices}{hints}"
