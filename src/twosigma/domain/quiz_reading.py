"""Reading questions from an item's `data_json`, telling authors what is wrong with them, and
hiding their keys."""

import re
from collections.abc import Mapping
from typing import cast, get_args

from msgspec.structs import replace

from twosigma.domain.canonical import decimal_of, id_text
from twosigma.domain.errors import Fault, Loc
from twosigma.domain.questions import Hint, Option, Question, QuestionType
from twosigma.domain.quiz_grading import fit
from twosigma.domain.sheets import Sheet
from twosigma.domain.values import MIN_LENGTH, has_bad_text

MAX_QUESTIONS = 200
_TYPES: tuple[QuestionType, ...] = get_args(QuestionType)
_TEXTS = ("short_text", "algebraic")
_SECRET = re.compile(
    "correct(answers?)?|iscorrect|answerkey|explanation|solutions?|tolerance|accept|hints"
    "|hintanswer|feedback|teachernotes"
)


def _options(sheet: Sheet) -> tuple[Option, ...]:
    options: list[Option] = []
    ids: set[str] = set()
    texts: set[str] = set()
    for at, raw in enumerate(sheet.items("options")):
        if not isinstance(raw, Mapping):
            sheet.blame("Must be an object", "type_error.dict", "options", at)
            continue
        entry = Sheet(raw, (*sheet.loc, "options", at))
        option = Option(id=entry.id(), text=entry.text("text", is_required=True))
        if not entry.faults and id_text(option.id) in ids:
            entry.blame("Another option has this id", "value_error", "id")
        if not entry.faults and id_text(option.text) in texts:
            entry.blame("Another option has this text", "value_error", "text")
        ids.add(id_text(option.id))
        texts.add(id_text(option.text))
        sheet.faults += entry.faults
        options.append(option)
    return tuple(options)


def _hints(sheet: Sheet) -> tuple[Hint, ...]:
    hints: list[Hint] = []
    for at, raw in enumerate(sheet.items("hints")):
        if isinstance(raw, str):
            hints.append(Hint(text=raw))
        elif isinstance(raw, Mapping):
            entry = Sheet(raw, (*sheet.loc, "hints", at))
            hints.append(Hint(text=entry.text("text", is_required=True), title=entry.text("title")))
            sheet.faults += entry.faults
        else:
            sheet.blame("Must be a text or an object", "type_error.str", "hints", at)
    return tuple(hints)


def _correct(sheet: Sheet, question: Question) -> object:
    """The key as the type has it; blames one that this type cannot have."""
    raw = sheet.raw.get("correct")
    if raw is None:
        sheet.blame("Field required", "value_error.missing", "correct")
        return None
    if question.type == "multiple" or (question.type in _TEXTS and isinstance(raw, list | tuple)):
        return _correct_list(sheet, question, raw)
    fitted = fit(question, raw)
    if fitted is None or (question.type in _TEXTS and not isinstance(raw, str)):
        sheet.blame(_WANTED[question.type], "value_error", "correct")
        return None
    # Numbers and texts stay as the author wrote them: they are shown.
    return fitted if question.type in ("single", "true_false") else raw


_WANTED: dict[QuestionType, str] = {
    "single": "Must be the id of an option",
    "multiple": "Must be the id of an option",
    "true_false": "Must be true or false",
    "numeric": "Must be a number, or a decimal text of at most 15 digits on each side",
    "short_text": "Must be a text of 1 to 200 characters, or a list of them",
    "algebraic": "Must be a text of 1 to 200 characters, or a list of them",
}


def _correct_list(sheet: Sheet, question: Question, raw: object) -> object:
    if not isinstance(raw, list | tuple):
        sheet.blame("Must be a list", "type_error.list", "correct")
        return None
    if not raw:
        sheet.blame("Must name at least one answer", "value_error", "correct")
    for at, member in enumerate(raw):
        is_text = isinstance(member, str) or question.type == "multiple"
        if isinstance(member, list | tuple) or not is_text or fit(question, member) is None:
            sheet.blame(_WANTED[question.type], "value_error", "correct", at)
    return list(raw)


def _accept(sheet: Sheet, question: Question) -> tuple[str, ...]:
    accept: list[str] = []
    for at, member in enumerate(sheet.items("accept")):
        if not isinstance(member, str):
            sheet.blame("Must be a string", "type_error.str", "accept", at)
        elif question.type in (*_TEXTS, "numeric") and fit(question, member) is None:
            sheet.blame(_WANTED[question.type], "value_error", "accept", at)
        else:
            accept.append(member)
    return tuple(accept)


def _tolerance(sheet: Sheet) -> float | str:
    value = sheet.raw.get("tolerance", 0)
    number = decimal_of(value)
    if number is None or not isinstance(value, int | float | str):
        sheet.blame("Must be a number or a decimal text", "value_error", "tolerance")
        return 0
    if number < 0:
        sheet.blame("Must be at least 0", "value_error.number.not_ge", "tolerance")
    return value


def _read(raw: object, loc: Loc) -> tuple[Question | None, list[Fault]]:
    """A question and no faults, or none and why."""
    if not isinstance(raw, Mapping):
        return None, [Fault(loc, "Must be an object", "type_error.dict")]
    if has_bad_text(raw):
        return None, [Fault(loc, "Holds NUL or lone surrogates, or nests too deep", "value_error")]
    sheet = Sheet(raw, loc)
    kind = cast(QuestionType, sheet.choice("type", _TYPES))
    source = sheet.raw.get("source_id")
    draft = Question(
        id=sheet.id(),
        type=kind,
        prompt=sheet.text("prompt", is_required=True),
        options=_options(sheet),
        tolerance=_tolerance(sheet),
        points=sheet.number("points", 1),
        explanation=sheet.text("explanation"),
        hints=_hints(sheet),
        source_id=source if isinstance(source, str) else None,
    )
    if sheet.faults:
        return None, sheet.faults  # the key can be judged only beside sound options
    question = replace(draft, accept=_accept(sheet, draft), correct=_correct(sheet, draft))
    return (None, sheet.faults) if sheet.faults else (question, [])


def _read_all(
    data_json: Mapping[str, object], loc: Loc
) -> tuple[tuple[Question, ...], list[Fault]]:
    """The well-formed questions, their ids distinct (the first wins), and the others' faults."""
    listed = data_json.get("questions", [])
    loc = (*loc, "questions")
    if not isinstance(listed, list | tuple):
        return (), [Fault(loc, "Must be a list", "type_error.list")]
    questions: dict[str, Question] = {}
    faults: list[Fault] = []
    if len(listed) > MAX_QUESTIONS:
        msg = f"Must have at most {MAX_QUESTIONS} questions"
        faults.append(Fault(loc, msg, "value_error.list.max_items"))
    for at, raw in enumerate(listed[:MAX_QUESTIONS]):
        question, blamed = _read(raw, (*loc, at))
        faults += blamed
        if question is None:
            continue
        if questions.setdefault(id_text(question.id), question) is not question:
            faults.append(Fault((*loc, at, "id"), "Another question has this id", "value_error"))
    return tuple(questions.values()), faults


def questions_of(data_json: Mapping[str, object]) -> tuple[Question, ...]:
    """The questions an item lists, at most 200. What is not a well-formed question with a usable
    key, or has the id of an earlier one, is left out; nothing is raised."""
    return _read_all(data_json, ())[0]


def author_faults(
    data_json: Mapping[str, object], loc: Loc = ("body", "data_json")
) -> tuple[Fault, ...]:
    """What the author of these questions must be told; empty if every one is well formed."""
    return tuple(_read_all(data_json, loc)[1])


def quiz_faults(
    data_json: Mapping[str, object], loc: Loc = ("body", "data_json")
) -> tuple[Fault, ...]:
    """What is wrong with a quiz: its questions, and its rules for attempts."""
    sheet = Sheet(data_json, loc)
    sheet.number("passing_score", 70, 100)
    sheet.count("max_attempts")
    sheet.count("time_limit_seconds")
    if not isinstance(data_json.get("shuffle", False), bool):
        sheet.blame("Must be true or false", "type_error.bool", "shuffle")
    sheet.choice("reveal", ("after_submit", "after_pass", "never"), "after_submit")
    return (*author_faults(data_json, loc), *sheet.faults)


def lab_faults(
    data_json: Mapping[str, object], loc: Loc = ("body", "data_json")
) -> tuple[Fault, ...]:
    """What is wrong with a lab: its instructions, rubric, points, and questions if any."""
    sheet = Sheet(data_json, loc)
    sheet.text("instructions")
    sheet.number("max_points", 100)
    for at, raw in enumerate(sheet.items("rubric")):
        if not isinstance(raw, Mapping):
            sheet.blame("Must be an object", "type_error.dict", "rubric", at)
            continue
        row = Sheet(raw, (*loc, "rubric", at))
        if not row.text("name", is_required=True).strip() and not row.faults:
            row.blame("Must not be blank", MIN_LENGTH, "name")
        row.number("points", 0)
        sheet.faults += row.faults
    return (*author_faults(data_json, loc), *sheet.faults)


def hide_keys(is_gradable: bool, data_json: Mapping[str, object]) -> dict[str, object]:  # noqa: FBT001 -- the content type's own flag, given by name or not
    """A copy of the data as a learner may see it: without answer keys at any depth in a gradable
    type, and at any depth inside `questions` in any type; in snake or camel case."""
    return {
        key: _hidden(value, in_questions=is_gradable or key == "questions")
        for key, value in data_json.items()
        if not (is_gradable and _is_secret(key))
    }


def _is_secret(key: str) -> bool:
    return _SECRET.fullmatch(re.sub("[_-]", "", key).lower()) is not None


def _hidden(value: object, *, in_questions: bool) -> object:
    if isinstance(value, Mapping):
        return hide_keys(in_questions, value)
    if isinstance(value, list | tuple):
        return [_hidden(member, in_questions=in_questions) for member in value]
    return value
