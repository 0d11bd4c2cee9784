"""The items of a topic: a text to learn from, then quizzes of the questions that can be asked."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct

from twosigma.adapters.courses.oatutor_format import Lesson, Pathway
from twosigma.adapters.courses.oatutor_ideas import Idea, ideas_text
from twosigma.adapters.courses.oatutor_questions import Asked
from twosigma.adapters.courses.oatutor_text import (
    has_figure,
    one_line,
    prompt_of,
    readable,
    solution,
    solution_steps,
)
from twosigma.domain.imports import ImportedItem, item_digest

MAX_QUESTIONS = 12
MAX_EXAMPLES = 3
MAX_TITLE = 200
WORDS_PER_MINUTE = 150
SECONDS_PER_QUESTION = 90

_OPENING = re.compile(r"^in the following exercises?,? *", re.IGNORECASE)
_NUMBERING = re.compile(r"\s*(?:#\s*\d+|[.:])\s*$")


class Topic(Struct, frozen=True):
    """An objective of a lesson, the steps that are asked, those that algebra keeps out, and what
    the hints of all its steps say again and again."""

    external_id: str
    skill: str
    lesson: Lesson
    asked: tuple[Asked, ...]
    unasked: tuple[Pathway, ...]
    ideas: tuple[Idea, ...]


def skill_title(skill: str) -> str:
    """`use_place_value_with_whole_numbers` as "Use place value with whole numbers"."""
    words = one_line(skill.replace("_", " "))
    return shortened(words[:1].upper() + words[1:]) or "Topic"


def lesson_title(lesson: Lesson) -> str:
    """ "Lesson 1.1" and its topics as "1.1 Introduction to Whole Numbers"."""
    number = lesson.name.removeprefix("Lesson ").strip()
    return shortened(f"{number} {one_line(lesson.topics)}".strip()) or lesson.id


def shortened(title: str) -> str:
    """The title, cut to what a title may hold."""
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rstrip() + "…"


def topic_items(topic: Topic, asked_prompts: frozenset[str]) -> list[ImportedItem]:
    """The text, then the quizzes; no worked example has one of the prompts asked anywhere."""
    quizzes = packed(topic.asked)
    text = _text_item(topic, asked_prompts, quizzes)
    return [
        text,
        *(_quiz_item(topic, number, len(quizzes), quiz) for number, quiz in enumerate(quizzes, 1)),
    ]


def _text_item(
    topic: Topic, asked_prompts: frozenset[str], quizzes: Sequence[Sequence[Asked]]
) -> ImportedItem:
    title = skill_title(topic.skill)
    examples = worked_examples(topic.unasked, asked_prompts)
    practice = _practice(quizzes, is_bare=not topic.ideas and not examples)
    parts = [f"Objective: {title.rstrip('.')}.", ideas_text(topic.ideas)]
    if examples:
        parts.append("## Worked examples")
    for number, example in enumerate(examples, 1):
        answer = readable(example.step.step_answer[0])
        parts += [f"### Example {number}", prompt_of(example), "**Solution**"]
        parts.append(solution(example.hints, answer))
    if practice and (topic.ideas or examples):
        parts.append("## Practice")
    body = "\n\n".join(filter(None, [*parts, practice]))
    minutes = -(-len(body.split()) // WORDS_PER_MINUTE)
    return _item(topic, "text", title, {"body": body}, sequence_index=0, seconds=60 * minutes)


def _practice(quizzes: Sequence[Sequence[Asked]], *, is_bare: bool) -> str:
    """What follows the text; of a text that says nothing else, why there is no more to it."""
    count, total = len(quizzes), sum(map(len, quizzes))
    if not count:
        nothing = "There is no text and no practice under this objective alone: see the other"
        return f"{nothing} topics of this lesson." if is_bare else ""
    named = f"{count} quizzes" if count > 1 else "One quiz"
    asks = f"{total} questions" if total > 1 else "one question"
    line = f"{named} with {asks} {'follow' if count > 1 else 'follows'}."
    by_doing = "There is no text on this objective: it is learned by doing, with hints and"
    return f"{by_doing} worked solutions. {line}" if is_bare else line


def worked_examples(unasked: Sequence[Pathway], asked_prompts: frozenset[str]) -> list[Pathway]:
    """Up to three steps with a whole solution, of different problems: the first of those that
    fit, the middle one and the last, since problems of a kind stand together."""
    fit = [
        pathway
        for pathway in unasked
        if "$$" in pathway.step.step_answer[0]
        and len(solution_steps(pathway.hints)) > 1
        and not any(has_figure(hint.title, hint.text) for hint in pathway.hints)
        and prompt_of(pathway) not in asked_prompts
    ]
    firsts = list({pathway.problem.id: pathway for pathway in reversed(fit)}.values())[::-1]
    if len(firsts) <= MAX_EXAMPLES:
        return firsts
    return [firsts[0], firsts[len(firsts) // 2], firsts[-1]]


def _quiz_item(topic: Topic, number: int, of: int, quiz: Sequence[Asked]) -> ImportedItem:
    questions = [{"id": place, **entry.question} for place, entry in enumerate(quiz, 1)]
    practice = f"Practice {number}" if of > 1 else "Practice"
    data: dict[str, Any] = {"body": ideas_text(topic.ideas)} if topic.ideas else {}
    return _item(
        topic,
        f"quiz-{number}",
        shortened(f"{practice}: {_subject(topic, quiz)}"),
        {**data, "questions": questions},
        description=f"Questions on: {skill_title(topic.skill)}.",
        sequence_index=number,
        seconds=SECONDS_PER_QUESTION * len(questions),
    )


def _subject(topic: Topic, quiz: Sequence[Asked]) -> str:
    """The title most of the quiz's problems share, if one reads as such; else the topic's."""
    problems = {entry.pathway.problem.id: entry.pathway.problem for entry in quiz}
    titles = Counter(
        _NUMBERING.sub("", _OPENING.sub("", one_line(problem.title)))
        for problem in problems.values()
    )
    for title, count in titles.most_common():
        is_shared = count > 1 or len(problems) == 1
        if is_shared and " " in title and len(title) <= 80 and r"\(" not in title:
            return title[0].upper() + title[1:]
    return skill_title(topic.skill)


def packed(entries: Sequence[Asked]) -> list[list[Asked]]:
    """The questions in their order, in as few quizzes of at most twelve as may be, of sizes as
    even as may be; the steps of a problem stay together unless it alone has more than twelve."""
    groups = [
        chunk
        for _, group in groupby(entries, key=lambda entry: entry.pathway.problem.id)
        for chunk in _chunks(list(group))
    ]
    fewest = _filled(groups, MAX_QUESTIONS)
    widest = max(map(len, groups), default=1)
    for limit in range(widest, MAX_QUESTIONS):
        even = _filled(groups, limit)
        if len(even) == len(fewest):
            return even
    return fewest


def _chunks(group: list[Asked]) -> Iterator[list[Asked]]:
    count = -(-len(group) // MAX_QUESTIONS)
    size = -(-len(group) // count)
    for start in range(0, len(group), size):
        yield group[start : start + size]


def _filled(groups: Sequence[list[Asked]], limit: int) -> list[list[Asked]]:
    quizzes: list[list[Asked]] = []
    for group in groups:
        if not quizzes or len(quizzes[-1]) + len(group) > limit:
            quizzes.append([])
        quizzes[-1] += group
    return quizzes


def _item(
    topic: Topic,
    name: str,
    title: str,
    data: dict[str, Any],
    *,
    description: str = "",
    sequence_index: int,
    seconds: int,
) -> ImportedItem:
    fields: dict[str, Any] = {
        "module_external_id": topic.external_id,
        "title": title,
        "description": description,
        "content_type": name.partition("-")[0],
        "data": data,
        "sequence_index": sequence_index,
        "estimated_duration_seconds": seconds,
    }
    external_id = f"{topic.external_id}/{name}"
    return ImportedItem(external_id=external_id, **fields, digest=item_digest(**fields))
