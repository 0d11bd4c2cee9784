r"""OATutor's texts made readable: Markdown whose maths stands in `\(…\)`."""

import re
from collections.abc import Iterable
from hashlib import sha256

from twosigma.adapters.courses.oatutor_format import Hint, Pathway

_FIGURE = re.compile(r"##\s*\S")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200d\ufeff]")
_POWER = re.compile(r"(?<=[\w)])\*\*(?=[\w(-])")
_TIMES = re.compile(r"(?<!\*)\*(?!\*)")
_SPACES = re.compile(r"[ \t]+")
_BREAKS = re.compile(r"\s*\n\s*")


def has_figure(*texts: str) -> bool:
    """Whether one of the texts shows a figure (`##figure1.gif##`, sometimes left open)."""
    return any(_FIGURE.search(text) for text in texts)


def readable(text: str) -> str:
    r"""The text with `$$x$$` as `\(x\)`, a written-out `\n` as a new paragraph, and plain `a*b`,
    `a**b` as `a×b`, `a^b`, which Markdown would take for emphasis. A single `$` is money.
    An unpaired `$$` is dropped."""
    parts = _UNSEEN.sub("", text).split("$$")
    paired = len(parts) - (len(parts) + 1) % 2
    shown = [
        _maths(part) if number % 2 and number < paired else _prose(part)
        for number, part in enumerate(parts)
    ]
    return _BREAKS.sub("\n\n", _SPACES.sub(" ", "".join(shown))).strip()


def one_line(text: str) -> str:
    """The readable text without paragraphs: for titles and choices."""
    return " ".join(readable(text).split())


def _maths(part: str) -> str:
    inner = " ".join(part.split())
    return rf"\({inner}\)" if inner else ""


def _prose(part: str) -> str:
    return _TIMES.sub("×", _POWER.sub("^", part.replace(r"\n", "\n")))


def prompt_of(pathway: Pathway) -> str:
    """The whole question: the problem's title and body, the step's title and body.

    A part that repeats another, or a sentence inside of another, is left out.
    """
    problem, step = pathway.problem, pathway.step
    raw = (problem.title, problem.body, step.step_title, step.step_body)
    parts = list(dict.fromkeys(part for part in map(readable, raw) if part))
    return "\n\n".join(
        part
        for part in parts
        if len(part) < 20 or not any(part in other for other in parts if other != part)
    )


def in_fixed_order(step_id: str, choices: Iterable[str]) -> list[str]:
    """The choices by a digest of the id and each of them: where one stands tells nothing."""
    return sorted(choices, key=lambda choice: sha256(f"{step_id}\x1f{choice}".encode()).digest())


def usable_hints(hints: Iterable[Hint]) -> list[Hint]:
    """All hints and their sub-hints in order, but for those that are empty, need a figure, or
    have blanks to fill with variables."""
    flat: list[Hint] = []
    for hint in hints:
        told = hint.text, hint.title, *hint.choices, *hint.hint_answer
        if readable(hint.text) and not hint.variabilization and not has_figure(*told):
            flat.append(hint)
        flat += usable_hints(hint.sub_hints)
    return flat


def hint_texts(hints: Iterable[Hint]) -> list[dict[str, str]]:
    """The hints as a question carries them; a scaffold with its choices, without its answer."""
    return [{"title": one_line(hint.title), "text": _asked(hint)} for hint in usable_hints(hints)]


def _asked(hint: Hint) -> str:
    choices = map(one_line, in_fixed_order(hint.id, dict.fromkeys(hint.choices)))
    listed = "\n".join(f"- {choice}" for choice in choices)
    return "\n\n".join(part for part in (readable(hint.text), listed) if part)


def solution_steps(hints: Iterable[Hint]) -> list[str]:
    """The hints as numbered Markdown steps, each scaffold with its answer."""
    steps: list[str] = []
    last_title = ""
    for hint in usable_hints(hints):
        title, text = one_line(hint.title).rstrip(".: "), readable(hint.text)
        if title and title not in {last_title, text}:
            text = f"**{title}**: {text}"
        last_title = title
        answer = ", ".join(filter(None, map(one_line, hint.hint_answer)))
        if answer:
            text = f"{text}\n\n*Answer:* {answer}"
        steps.append(_numbered(len(steps) + 1, text))
    return steps


def _numbered(number: int, text: str) -> str:
    marker = f"{number}. "
    return marker + text.replace("\n\n", "\n\n" + " " * len(marker))


def solution(hints: Iterable[Hint], answer: str) -> str:
    """A worked solution in Markdown: the steps, then the answer (already readable)."""
    return "\n\n".join([*solution_steps(hints), f"**Answer:** {answer}"])
