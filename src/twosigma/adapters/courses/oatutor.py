"""OATutor courses (https://oatutor.io): a course plan and a pool of problems with hints.

The plan's lessons become CHAPTER → LESSON → TOPIC under one COURSE_ROOT; a step of a problem
goes to the first of its skills in the lesson's order of objectives.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from twosigma.adapters.courses.oatutor_files import Files, read_files
from twosigma.adapters.courses.oatutor_format import (
    CoursePlan,
    Hint,
    Lesson,
    Pathway,
    Problem,
    Step,
)
from twosigma.adapters.courses.oatutor_ideas import key_ideas
from twosigma.adapters.courses.oatutor_questions import Asked, asked
from twosigma.adapters.courses.oatutor_text import one_line
from twosigma.adapters.courses.oatutor_topics import (
    Topic,
    lesson_title,
    shortened,
    skill_title,
    topic_items,
)
from twosigma.domain.imports import (
    BrokenImport,
    ImportedCourse,
    ImportedModule,
    Skipped,
    course_digest,
    module_digest,
)

SOURCE = "oatutor"
PLAN = "coursePlans.json"
SKILLS = "skillModel.json"
LEVEL = "INTRODUCTORY"

_ATTRIBUTIONS = {
    "https://openstax.org/details/books/elementary-algebra-2e": (
        "Problems from OATutor (oatutor.io), based on OpenStax Elementary Algebra 2e "
        "(access for free at openstax.org). CC BY 4.0. Changed."
    ),
}
"""Lines that the makers of a book ask for, by its address."""

_CHAPTER = re.compile(r"(\d+)\.\d+")


def _quiet(_done: int, _total: int) -> None:
    """Nobody watches."""


def read(path: Path, on_progress: Callable[[int, int], None] = _quiet) -> ImportedCourse:
    """The course in a folder, or in a .tar.gz or .tgz with one such folder inside.

    `on_progress` hears problems read and problems in all. What cannot be asked is in `skipped`.
    Raises BrokenImport for a file that is missing, is not JSON, or has another shape.
    """
    files = read_files(path)
    plan = _plan(files)
    topics, skipped = _topics(files, plan, on_progress)
    prompts = frozenset(str(a.question["prompt"]) for topic in topics for a in topic.asked)
    title = shortened(one_line(plan.course_name.rpartition(": ")[2])) or "Course"
    slug = _slug(plan.course_name)
    fields = {
        "title": title,
        "code": _slug(title)[:32].strip("-").upper(),
        "description": _description(plan, topics),
        "level": LEVEL,
        "license": _license(plan),
        "attribution": _attribution(plan),
    }
    locales = (plan.language,)
    return ImportedCourse(
        source=SOURCE,
        external_id=slug,
        **fields,
        locales=locales,
        digest=course_digest(**fields, locales=locales),
        modules=tuple(_modules(slug, title, plan, topics)),
        items=tuple(item for topic in topics for item in topic_items(topic, prompts)),
        skipped=tuple(skipped),
    )


def _plan(files: Files) -> CoursePlan:
    plans = files.decode(PLAN, list[CoursePlan])
    if len(plans) != 1:
        raise BrokenImport(files.named(PLAN), f"lists {len(plans)} courses, not one")
    ids = [lesson.id for lesson in plans[0].lessons]
    if not ids:
        raise BrokenImport(files.named(PLAN), "lists no lesson", "$[0].lessons")
    for place, lesson_id in enumerate(ids):
        if lesson_id in ids[:place]:
            where = f"$[0].lessons[{place}].id"
            raise BrokenImport(files.named(PLAN), f"{lesson_id!r} is there twice", where)
    return plans[0]


def _topics(
    files: Files, plan: CoursePlan, on_progress: Callable[[int, int], None]
) -> tuple[list[Topic], list[Skipped]]:
    """All topics in the plan's order, with their steps in natural order."""
    skills = files.decode(SKILLS, dict[str, list[str]])
    lessons = {lesson.id: lesson for lesson in plan.lessons}
    questions: defaultdict[str, list[Asked]] = defaultdict(list)
    unasked: defaultdict[str, list[Pathway]] = defaultdict(list)
    pathways: defaultdict[str, list[Pathway]] = defaultdict(list)
    skipped: list[Skipped] = []
    for found in _pathways(files, lessons, on_progress):
        if isinstance(found, Skipped):
            skipped.append(found)
            continue
        topic = _topic_of(found, lessons[found.problem.lesson_id], skills)
        if topic is None:
            detail = "has no skill that is an objective of its lesson"
            skipped.append(Skipped(external_id=found.step.id, reason="no_topic", detail=detail))
            continue
        pathways[topic].append(found)
        verdict = asked(found)
        if isinstance(verdict, Asked):
            questions[topic].append(verdict)
            continue
        skipped.append(verdict)
        if verdict.reason == "algebra":
            unasked[topic].append(found)
    topics = []
    for lesson, skill in _objectives(plan):
        key = _topic_id(lesson, skill)
        ideas = key_ideas(pathways[key], questions[key])
        topics.append(Topic(key, skill, lesson, tuple(questions[key]), tuple(unasked[key]), ideas))
    return topics, skipped


def _objectives(plan: CoursePlan) -> list[tuple[Lesson, str]]:
    return [(lesson, skill) for lesson in plan.lessons for skill in lesson.learning_objectives]


def _topic_id(lesson: Lesson, skill: str) -> str:
    return f"{lesson.id}/{skill}"


def _topic_of(pathway: Pathway, lesson: Lesson, skills: Mapping[str, list[str]]) -> str | None:
    own = skills.get(pathway.step.id, ())
    for skill in lesson.learning_objectives:
        if skill in own:
            return _topic_id(lesson, skill)
    return None


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key: `whole2` before `whole10`. Runs of digits go by their length, then by value."""
    parts = re.split(r"([0-9]+)", name)
    bare = [part.lstrip("0") if place % 2 else part for place, part in enumerate(parts)]
    return [(len(part) if place % 2 else 0, part) for place, part in enumerate(bare)]


def _pathways(
    files: Files, lessons: Mapping[str, Lesson], on_progress: Callable[[int, int], None]
) -> Iterator[Pathway | Skipped]:
    pool = _pool(files)
    on_progress(0, len(pool))
    for done, name in enumerate(sorted(pool, key=_natural), 1):
        problem = files.decode(f"content-pool/{name}/{name}.json", Problem)
        _check_id(files, f"content-pool/{name}/{name}.json", problem.id, name)
        lesson = lessons.get(problem.lesson_id)
        if lesson is None:
            detail = f"its lesson {problem.lesson_id!r} is not in the plan"
            yield Skipped(external_id=name, reason="no_lesson", detail=detail)
        else:
            if not pool[name]:
                yield Skipped(external_id=name, reason="no_steps", detail="has no step")
            for step_name in sorted(pool[name], key=_natural):
                yield _pathway(files, problem, step_name, lesson)
        on_progress(done, len(pool))


def _pool(files: Files) -> dict[str, set[str]]:
    """The problems by their folder's name, each with the names of its steps' folders."""
    pool: defaultdict[str, set[str]] = defaultdict(set)
    for path in files:
        match path.split("/"):
            case ["content-pool", problem, "steps", step, _, *_]:
                pool[problem].add(step)
            case ["content-pool", problem, _]:
                pool[problem].update(())
    return pool


def _pathway(files: Files, problem: Problem, name: str, lesson: Lesson) -> Pathway:
    folder = f"content-pool/{problem.id}/steps/{name}"
    step = files.decode(f"{folder}/{name}.json", Step)
    _check_id(files, f"{folder}/{name}.json", step.id, name)
    hints = f"{folder}/tutoring/{name}DefaultPathway.json"
    found = files.decode(hints, list[Hint]) if hints in files else []
    return Pathway(problem, step, tuple(found), lesson.keep_mc_order)


def _check_id(files: Files, path: str, found: str, name: str) -> None:
    if found != name:
        raise BrokenImport(files.named(path), f"is {found!r}, but its folder is {name!r}", "$.id")


def _modules(
    slug: str, title: str, plan: CoursePlan, topics: list[Topic]
) -> Iterator[ImportedModule]:
    root = f"{slug}/root"
    counts: defaultdict[str | None, int] = defaultdict(int)

    def module(key: str, parent: str | None, kind: str, name: str, about: str) -> ImportedModule:
        place = counts[parent]
        counts[parent] += 1
        fields: dict[str, Any] = {
            "parent_external_id": parent,
            "title": name,
            "description": about,
            "module_type": kind,
            "sequence_index": place,
        }
        return ImportedModule(external_id=key, **fields, digest=module_digest(**fields))

    yield module(root, None, "COURSE_ROOT", title, "")
    chapters = _chapters(plan)
    begun: set[str] = set()
    for lesson in plan.lessons:
        number = _chapter(lesson)
        parent = f"{slug}/chapter-{number}" if number else root
        if number and number not in begun:
            begun.add(number)
            yield module(parent, root, "CHAPTER", f"Chapter {number}", "; ".join(chapters[number]))
        objectives = "; ".join(map(skill_title, lesson.learning_objectives))
        yield module(lesson.id, parent, "LESSON", lesson_title(lesson), objectives)
        for topic in topics:
            if topic.lesson is lesson:
                name = skill_title(topic.skill)
                yield module(topic.external_id, lesson.id, "TOPIC", name, "")


def _chapter(lesson: Lesson) -> str | None:
    """The number before the dot of the lesson's; None for a lesson without such a number."""
    found = _CHAPTER.search(lesson.name)
    return found[1] if found else None


def _chapters(plan: CoursePlan) -> dict[str, list[str]]:
    """The topics of each chapter's lessons."""
    chapters: defaultdict[str, list[str]] = defaultdict(list)
    for lesson in plan.lessons:
        chapters[_chapter(lesson) or ""].append(one_line(lesson.topics))
    return chapters


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "course"


def _named_link(text: str) -> tuple[str, str]:
    """`URL <name>` as address and name."""
    address, _, name = text.partition(" <")
    return address.strip(), name.removesuffix(">").strip()


def _license(plan: CoursePlan) -> str:
    address, name = _named_link(plan.course_license)
    return f"{name} ({address})" if name else address


def _attribution(plan: CoursePlan) -> str:
    address, book = _named_link(plan.course_oer)
    if address in _ATTRIBUTIONS:
        return _ATTRIBUTIONS[address]
    based = f", based on {book} ({address})" if book else ""
    name = _named_link(plan.course_license)[1] or plan.course_license
    return f"Problems from OATutor (oatutor.io){based}. {name}. Changed."


def _description(plan: CoursePlan, topics: list[Topic]) -> str:
    asked_count = sum(len(topic.asked) for topic in topics)
    lessons = f"{len(plan.lessons)} lessons with {len(topics)} topics"
    return f"{lessons} and {asked_count} practice questions, with hints and worked solutions."
