r"""The key ideas of a topic: what its hints say again and again, so a rule and not one step's work.

The source has no theory of its own, but its hints state the rule a step needs before they apply
it. A hint is such a rule if it stands in the pathways of two problems or more, speaks of no
problem in particular, and gives no answer away. The cues for "in particular" are English ones.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from twosigma.adapters.courses.oatutor_format import Pathway
from twosigma.adapters.courses.oatutor_questions import Asked
from twosigma.adapters.courses.oatutor_text import one_line, prompt_of, readable, usable_hints
from twosigma.domain import quiz

MAX_IDEAS = 12
FEWEST_PROBLEMS = 2
FEWEST_WITH_NUMBERS = 3
FEWEST_WORDS = 5

_MATHS = re.compile(r"\\\(.*?\\\)", re.DOTALL)
_COMMAND = re.compile(r"\\[a-z]+", re.IGNORECASE)
_EXPONENT = re.compile(r"\^ *(?:[0-9]+|\{ *[0-9]+ *\})")
_NUMBER = re.compile(r"(?<![\w.])[0-9]+(?:[.,][0-9]+)*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_RULE = re.compile(
    r"\b(?:if|when|means?|called|is one that|property|rule|formula|definition|always|never|any"
    r"|states|for example)\b|^an?\b",
    re.IGNORECASE,
)
_ONE_STEP = re.compile(
    r"^(?:the (?:answer|solution)|solution to|therefore|thus|so|now|this|these|it is|let|notice"
    r"|observing|given|we are looking|the (?:first |second )?equations? (?:are|is|becomes?|equals)"
    r"|the formula is)\b|\bwe can conclude\b|\bcannot be factored\b"
    r"|\b(?:would be|was moved) \\\(|\bthe problem\b|\bthis (?:case|example|problem|question)\b"
    r"|\banswer choices\b"
    r"|\bimage ?[0-9]|[?\n]",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"(?:final )?(?:answer|solution)\b", re.IGNORECASE)


class Idea(Struct, frozen=True):
    """A rule as a learner reads it (Markdown, one paragraph); the title may be empty."""

    title: str
    text: str


class _Use(Struct):
    """Where a hint was found: in which problems, under which prompts, and for the steps that are
    asked the answers it stands beside, with those of them that it gives away."""

    idea: Idea
    problems: set[str] = field(default_factory=set)
    prompts: list[str] = field(default_factory=list)
    beside: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)


def key_ideas(pathways: Iterable[Pathway], asked: Iterable[Asked]) -> tuple[Idea, ...]:
    """At most twelve ideas of a topic (those that most problems use) in order of appearance.

    `pathways` are all of the topic's steps, `asked` those of them that are questions. A hint that
    another one holds whole is left out.
    """
    questions = {entry.pathway.step.id: _question(entry.question) for entry in asked}
    uses: dict[str, _Use] = {}
    for pathway in pathways:
        question = questions.get(pathway.step.id)
        for idea in _ideas(pathway):
            use = uses.setdefault(_compared(idea.text), _Use(idea))
            use.problems.add(pathway.problem.id)
            use.prompts.append(prompt_of(pathway))
            if question is not None:
                answer = quiz.correct_answer_text(question)
                use.beside.add(answer)
                use.told |= {answer} if _gives_away(question, idea) else set()
    kept = {
        key: use
        for key, use in uses.items()
        if _is_rule(use)
        and not _is_telling(use)
        and not any(_solves(use.idea, question) for question in questions.values())
    }
    whole = [
        u for key, u in kept.items() if not any(f" {key} " in f" {k} " for k in kept if k != key)
    ]
    most = sorted(whole, key=lambda use: -len(use.problems))[:MAX_IDEAS]
    return tuple(use.idea for use in whole if use in most)


def ideas_text(ideas: Sequence[Idea]) -> str:
    """The section of a text (Markdown) with a paragraph for each idea; empty where none is."""
    listed = [f"**{one.title}.** {one.text}" if one.title else one.text for one in ideas]
    return "\n\n".join(["## Key ideas", *listed]) if ideas else ""


def _ideas(pathway: Pathway) -> Iterator[Idea]:
    for hint in usable_hints(pathway.hints):
        if hint.type == "hint" and not hint.hint_answer and not hint.choices:
            title, text = one_line(hint.title).rstrip(".: "), readable(hint.text)
            yield Idea("" if title == text.rstrip(".: ") else title, text)


def _compared(text: str) -> str:
    """What two hints share that differ in capitals, spaces or the stops between them."""
    return " ".join(re.findall(r"\w+|[^\w\s.,;:]", text.casefold()))


def _is_rule(use: _Use) -> bool:
    text = use.idea.text
    if len(use.problems) < FEWEST_PROBLEMS:
        return False
    if _ONE_STEP.search(text) or _ANSWER.match(use.idea.title):
        return False
    prose = _MATHS.sub(" ", text)
    if len(_WORD.findall(prose)) < FEWEST_WORDS and not _is_formula(text):
        return False
    if _RULE.search(prose):
        return True
    # Two problems of a kind may share their numbers by chance, and then their reckoning.
    is_often = len(use.problems) >= FEWEST_WITH_NUMBERS or not _numbers(text)
    return (is_often or _is_formula(text)) and not _speaks_of(text, use.prompts)


def _is_formula(text: str) -> bool:
    """Whether the text's mathematics is in letters: a law, not a reckoning."""
    maths = _COMMAND.sub(" ", " ".join(_MATHS.findall(text)))
    letters = set(re.findall("[a-z]", maths, re.IGNORECASE))
    return len(letters) > 1 and _numbers(text) <= {"0", "1", "2", "3"}


def _speaks_of(text: str, prompts: Iterable[str]) -> bool:
    """Whether each of the problems has a number of the text."""
    numbers = _numbers(text)
    return bool(numbers) and all(numbers & _numbers(prompt) for prompt in prompts)


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(_EXPONENT.sub(" ", text)))


def _is_telling(use: _Use) -> bool:
    """Whether the text gives the answer of a step away that it is a hint to.

    A rule may hold an answer by chance ("greater than 0"). It is told all the same if it stands
    beside different answers, and fewer than a third of them are numbers that it holds: the more
    answers a rule serves, the less it says of any.
    """
    if not use.told:
        return False
    numbers = [answer for answer in use.told if _has_digit(answer)]
    return len(use.beside) < 2 or 3 * len(numbers) >= len(use.beside)


def _solves(idea: Idea, question: quiz.Question) -> bool:
    """Whether the idea works out, as its example, what some step of the topic asks: it holds the
    number that is the answer, and another of the question (of two digits: small ones are in
    every text)."""
    answer = quiz.correct_answer_text(question)
    shared = _numbers(idea.text) & _numbers(question.prompt) - _numbers(answer)
    return any(len(n) > 1 for n in shared) and _has_digit(answer) and _gives_away(question, idea)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _gives_away(question: quiz.Question, idea: Idea) -> bool:
    hint = quiz.Hint(title=idea.title, text=idea.text)
    return not quiz.asked(replace(question, hints=(hint,))).hints


def _question(fields: dict[str, Any]) -> quiz.Question:
    """The question with numbered choices: their letters are given here, so no hint of the source
    can point at them, and an "a" in one is the article."""
    (question,) = quiz.questions_of({"questions": [{"id": 1, **fields}]})
    ids = {option.id: f"#{number}" for number, option in enumerate(question.options)}
    return replace(
        question,
        options=tuple(replace(option, id=ids[option.id]) for option in question.options),
        correct=ids[question.correct] if ids else question.correct,
    )
