"""An OATutor folder that a test writes itself, and what tests ask of the course read from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from twosigma.adapters.courses import oatutor
from twosigma.domain.imports import BrokenImport, ImportedCourse

LESSON = "L-1"
SKILLS = ("add_whole_numbers", "count_things")


class Tree:
    """An OATutor folder that a test writes itself."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.skills: dict[str, list[str]] = {}
        self.lesson: dict[str, Any] = {
            "id": LESSON,
            "name": "Lesson 1.1",
            "topics": "Whole Numbers",
            "learningObjectives": dict.fromkeys(SKILLS, 0.85),
        }
        self.plan: dict[str, Any] = {
            "courseName": "Publisher: Small Algebra",
            "language": "en",
            "courseOER": "https://books.example/small <Small Algebra>",
            "courseLicense": "https://creativecommons.org/licenses/by/4.0/ <CC BY 4.0>",
            "lessons": [self.lesson],
        }

    def file(self, path: str, value: Any) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = value if isinstance(value, str) else json.dumps(value)
        target.write_text(text, encoding="utf-8")
        return target

    def problem(self, name: str, **fields: Any) -> str:
        base: dict[str, Any] = {
            "id": name,
            "title": "",
            "body": "",
            "lessonId": LESSON,
            "variabilization": {},
        }
        self.file(f"content-pool/{name}/{name}.json", base | fields)
        return name

    def step(
        self, name: str, answer: str, hints: list[dict[str, Any]] | None = None, **fields: Any
    ) -> None:
        folder = f"content-pool/{name[:-1]}/steps/{name}"
        base: dict[str, Any] = {
            "id": name,
            "stepTitle": f"What is asked in {name}?",
            "stepBody": "",
            "problemType": "MultipleChoice" if "choices" in fields else "TextBox",
            "stepAnswer": [answer],
            "variabilization": {},
        }
        self.file(f"{folder}/{name}.json", base | fields)
        self.file(f"{folder}/tutoring/{name}DefaultPathway.json", hints or [])
        self.skills.setdefault(name, [SKILLS[0]])

    def finish(self) -> Path:
        self.file("coursePlans.json", [self.plan])
        self.file("skillModel.json", self.skills)
        return self.root

    def read(self) -> ImportedCourse:
        return oatutor.read(self.finish())


def hint(text: str, **fields: Any) -> dict[str, Any]:
    return {"id": "h", "type": "hint", "title": "", "text": text, "dependencies": []} | fields


def questions(course: ImportedCourse) -> list[dict[str, Any]]:
    return [q for item in course.items for q in item.data.get("questions", [])]


def only_question(course: ImportedCourse) -> dict[str, Any]:
    (question,) = questions(course)
    return question


def reasons(course: ImportedCourse) -> dict[str, str]:
    return {skip.external_id: skip.reason for skip in course.skipped}


def bodies(course: ImportedCourse) -> list[str]:
    return [item.data["body"] for item in course.items if item.content_type == "text"]


def right_text(question: dict[str, Any]) -> str:
    (text,) = [o["text"] for o in question["options"] if o["id"] == question["correct"]]
    return str(text)


def broken(path: Path) -> str:
    with pytest.raises(BrokenImport) as caught:
        oatutor.read(path)
    assert "\n" not in caught.value.detail
    return caught.value.detail


PATHWAY = [
    hint("Line up.", title="Set up."),
    hint("", title="Empty"),
    hint("Look at ##figure2.gif##", title="Seen"),
    hint(
        "$$1+1=$$?",
        id="h3",
        type="scaffold",
        title="First",
        hintAnswer=["$$2$$"],
        choices=["$$2$$", "$$3$$"],
        dependencies=["a-hint-of-another-step"],
        subHints=[hint("Count on.", id="h3-s1", title="First")],
    ),
    hint("Done.", id="h3"),
]
