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
        "questions": "\n\n".join(_listed(question) for question in material.questions),
    }


def _listed(question: AskedQuestion) -> str:
    """A question as a prompt shows it: its id, kind, text and choices."""
    lines = [f"[{question.id}] ({question.type}) {question.prompt}"]
    lines += [f"  {option.id}: {option.text}" for option in question.options]
    return "\n".join(lines)
