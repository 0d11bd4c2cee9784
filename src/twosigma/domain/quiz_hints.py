"""What may be told of a question before it is answered: no key, and no hint that holds it.

A hint is told only if none of the tests below sees the answer in it. They are meant to err on the
side of silence: a hint that is left out costs little, and the explanation comes after the answer.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from unicodedata import category, decimal, normalize

from twosigma.domain.canonical import decimal_of
from twosigma.domain.questions import AskedQuestion, Hint, Option, Question
from twosigma.domain.quiz_grading import fit

_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_NUMBER_WORDS = {word: Fraction(n) for n, word in enumerate(_WORDS.split())}
_NUMBER_WORDS |= {"half": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4)}
_TRUTH = {"true", "false", "yes", "no", "right", "wrong", "correct", "incorrect"}
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|last|[0-9](?:st|nd|rd|th))\s+"
    r"(?:option|choice|answer|alternative|one)\b"
)
_POINTER = r"\b(?:option|choice|answer|alternative|letter|number|nr|no)\b[\s.:#\"'(]*(?:is\s+)?"
_FRAC = re.compile(r"\\[dt]?frac\s*\{?\s*[-+]?([0-9]+)\s*\}?\s*\{?\s*[-+]?([0-9]+)\s*\}?")
_GAP = re.compile(r"\{,\}|\\[,;:! ]")
_GROUPED = re.compile(r"(?<![0-9])[0-9]{1,3}(?: [0-9]{3}){1,6}(?![0-9])")
# No run is longer than int() takes.
_NUMBER = re.compile(r"[0-9]{1,40}(?:[.,][0-9]{1,40}){0,12}|[.,][0-9]{1,40}")
_QUOTIENT = re.compile(r"(?:([0-9]{1,40})\s+)?([0-9]{1,40})\s*/\s*([0-9]{1,40})")
_PERCENT = re.compile(r"([0-9]{1,15}(?:[.,][0-9]{1,15})?)\s*\\?%")
_DRESS = re.compile(r"\\(?:left|right|text|mathrm|mathbf)(?![a-z])|[\s$`*_{}\\,\"']")


def _loose(text: str) -> str:
    """Text without compatibility forms, accents, invisible characters and case; digits ASCII."""
    # ½, ² and ① must not melt into the digits beside them.
    apart = "".join(f" {char} " if category(char) == "No" else char for char in text)
    kept = (c for c in normalize("NFKD", apart).casefold() if category(c) not in ("Mn", "Cf"))
    ascii_digits = "".join(str(decimal(char)) if char.isdecimal() else char for char in kept)
    return _FRAC.sub(r" \1/\2 ", ascii_digits.replace("\N{FRACTION SLASH}", "/"))


def _readings(token: str) -> set[Fraction]:
    """All a number may mean: `1,234` is 1234, or 1.234, or 1 and 234."""
    parts = re.split("[.,]", token)
    whole, last = "".join(parts[:-1]), parts[-1]
    found = {Fraction(int(part)) for part in parts if part} | {Fraction(int("".join(parts)))}
    return found | {Fraction(f"{whole or 0}.{last}")} if len(parts) > 1 else found


def _quotients(loose: str) -> set[Fraction]:
    found: set[Fraction] = set()
    for whole, top, bottom in _QUOTIENT.findall(loose):
        if int(bottom):
            value = Fraction(int(top), int(bottom))
            found |= {value, value + int(whole or 0)}
    return found


def _numbers(loose: str) -> set[Fraction]:
    """Every value, without sign, that some reading of the text may see in it."""
    text = _GAP.sub(",", loose)
    found = _quotients(text)
    for token in _NUMBER.findall(text):
        found |= _readings(token)
    found |= {Fraction(int(group.replace(" ", ""))) for group in _GROUPED.findall(text)}
    found |= {Fraction(share.replace(",", ".")) / 100 for share in _PERCENT.findall(text)}
    return found | {_NUMBER_WORDS[word] for word in _tokens(text) if word in _NUMBER_WORDS}


def _tokens(loose: str) -> list[str]:
    return re.findall(r"[^\W_]+", loose)


def _holds_text(loose: str, secret: str) -> bool:
    """Whether the text stands in the hint: short words as tokens, all else anywhere, whatever
    its spaces and markup; or all numbers of the text do, or their quotient."""
    wanted = _loose(secret)
    core = _DRESS.sub("", wanted)
    if not core:
        return True  # nothing to look for, so nothing can be ruled out
    if len(core) <= 3 and core.isalnum():
        is_there = f" {' '.join(_tokens(wanted))} " in f" {' '.join(_tokens(loose))} "
    else:
        is_there = core in _DRESS.sub("", loose)
    return is_there or _holds_numbers(loose, wanted)


def _holds_numbers(loose: str, wanted: str) -> bool:
    seen = _numbers(loose)
    tokens = _NUMBER.findall(_GAP.sub(",", wanted))
    if tokens and all(_readings(token) & seen for token in tokens):
        return True
    return bool((_quotients(wanted) | _numbers_by_name(wanted)) & seen)


def _numbers_by_name(wanted: str) -> set[Fraction]:
    tokens = _tokens(wanted)
    return {_NUMBER_WORDS[tokens[0]]} if len(tokens) == 1 and tokens[0] in _NUMBER_WORDS else set()


def _holds_number(loose: str, question: Question) -> bool:
    """Whether a number of the hint would be graded right, with either sign, or is the right one
    before rounding to the key's decimals."""
    seen = _numbers(loose)
    slack = Fraction(decimal_of(question.tolerance) or 0)
    for key in (question.correct, *question.accept):
        number = decimal_of(key)
        if number is None:
            continue
        places = max(0, -int(number.as_tuple().exponent))
        near = max(slack, Fraction(1, 2 * 10**places))
        if any(abs(value - abs(Fraction(number))) <= near for value in seen):
            return True
    return False


def _points_at(loose: str, plain: str, option: Option) -> bool:
    """Whether the hint names the option by its id or letter."""
    name = str(option.id).strip()
    folded = re.escape(_loose(name).strip())
    pointed = rf"{_POINTER}{folded}(?!\w)|\(\s*{folded}\s*\)|(?<!\w){folded}\)"
    if re.search(pointed, loose):
        return True
    if name.isdecimal():
        return False  # a bare number in a hint is rarely an option's
    if name == "A":  # "a" is nearly always the article
        return re.search(r"(?<!\w)A(?!\w)", plain) is not None
    return re.search(rf"(?<!\w){folded}(?!\w)", loose) is not None


def _correct_options(question: Question) -> Iterable[Option]:
    fitted = fit(question, question.correct)
    ids = fitted if isinstance(fitted, tuple) else (fitted,)
    return [option for option in question.options if option.id in ids]


def _gives_away(question: Question, hint: Hint) -> bool:
    plain = normalize("NFKC", f"{hint.title}\n{hint.text}")
    loose = _loose(f"{hint.title}\n{hint.text}")
    if question.type == "true_false":
        return not _TRUTH.isdisjoint(_tokens(loose))
    if question.type == "numeric":
        return _holds_number(loose, question)
    if question.type in ("single", "multiple"):
        return _ORDINAL.search(loose) is not None or any(
            _holds_text(loose, option.text) or _points_at(loose, plain, option)
            for option in _correct_options(question)
        )
    listed = question.correct if isinstance(question.correct, list | tuple) else [question.correct]
    return any(_holds_text(loose, str(text)) for text in (*listed, *question.accept))


def asked(question: Question) -> AskedQuestion:
    """The question as tutor and learner may know it before the answer: without its key, and
    without any hint in which the answer, or a pointer to it, may be seen."""
    return AskedQuestion(
        id=question.id,
        type=question.type,
        prompt=question.prompt,
        options=question.options,
        hints=tuple(
            hint for hint in question.hints if hint.text.strip() and not _gives_away(question, hint)
        ),
    )
