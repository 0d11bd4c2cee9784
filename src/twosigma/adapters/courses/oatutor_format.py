"""The shapes of OATutor's JSON files, as far as the importer reads them.

https://github.com/CAHLR/OATutor-Content; keys that are not named here are ignored.
"""

from typing import Any

from msgspec import Struct, field


class Lesson(Struct, frozen=True, rename="camel"):
    """A lesson of the plan: its objectives are skill ids, in their order."""

    id: str
    name: str
    learning_objectives: dict[str, Any]
    topics: str = ""
    keep_mc_order: bool = field(name="keepMCOrder", default=False)


class CoursePlan(Struct, frozen=True, rename="camel"):
    """A course; where it comes from and its licence are written `URL <name>`."""

    course_name: str
    course_license: str
    lessons: list[Lesson]
    language: str = "en"
    course_oer: str = field(name="courseOER", default="")


class Problem(Struct, frozen=True, rename="camel"):
    """What the steps of a problem share."""

    id: str
    title: str
    body: str
    lesson_id: str
    variabilization: dict[str, Any] = {}


class Step(Struct, frozen=True, rename="camel"):
    """One question; the answer to a choice is the text of the right one."""

    id: str
    problem_type: str
    step_answer: list[str]
    step_title: str = ""
    step_body: str = ""
    choices: list[str] = []
    variabilization: dict[str, Any] = {}


class Hint(Struct, frozen=True, rename="camel"):
    """One step of a pathway; a scaffold asks, and has an answer of its own."""

    id: str
    text: str
    type: str = "hint"
    title: str = ""
    hint_answer: list[str] = []
    choices: list[str] = []
    sub_hints: list["Hint"] = []
    variabilization: dict[str, Any] = {}


class Pathway(Struct, frozen=True):
    """A step in full: its problem, its lesson's rule for choices, and its hints in order."""

    problem: Problem
    step: Step
    hints: tuple[Hint, ...]
    keeps_order: bool
