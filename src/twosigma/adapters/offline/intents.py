"""What a learner wants with a free message. The cues are English ones."""

import re
import unicodedata
from typing import Literal

import msgspec
from msgspec import Struct

from twosigma.adapters.offline.layout import inline
from twosigma.adapters.offline.passages import terms
from twosigma.adapters.offline.questions import labels
from twosigma.domain.quiz import AskedQuestion

Kind = Literal[
    "answer", "plain", "hint", "key", "next", "more", "repeat", "standing", "usage",
    "thanks", "hello", "yes", "no", "define", "explain", "ask",
]  # fmt: skip


class Intent(Struct, frozen=True, kw_only=True):
    """What is wanted: `number` is the question it names (from 1), `topic` what it is about:
    for `answer` the question's id as text, for `plain` the quiz answer it would be, as JSON."""

    kind: Kind
    number: int | None = None
    topic: str = ""


_CUE_LENGTH = 120
_END = r"(?: (?:please|now|then|one|it|this|that|the|question|\d+|me|again))*"
_CUES: dict[Kind, str] = {
    "thanks": r"^(?:ok(?:ay)?,? |great,? )?(?:thanks|thank you|thx|cheers)\b.{0,30}$",
    "hello": r"^(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: there| tutor)?$",
    "key": r"\b(?:tell|give|show|what(?:'s| is)) (?:me )?(?:the |your )?(?:right |correct )?"
    r"(?:answer|solution|key)\b|^(?:answer|solution)$",
    "hint": r"\bhints?\b|\bclue\b|\bstuck\b|\bhelp me\b|\bno idea\b|^idk$"
    r"|\b(?:do not|don't|dont|can't|cannot) (?:know|get|see|solve|do)\b",
    "next": rf"^(?:(?:ask|show)(?: me)? )?(?:the )?(?:next|skip|pass){_END}$",
    "more": rf"^(?:continue|more|go on|read on|keep going|carry on|tell me more){_END}$",
    "repeat": rf"^(?:repeat|again|come again|show|read|back to|go to){_END}$"
    r"|^(?:the )?question(?: \d+)?$|\bwhat (?:was|is|were) the question\b",
    "standing": r"^(?:my )?(?:score|results?|summary|progress)$|\bhow (?:am|did|do) i do",
    "usage": r"^help$|\bwhat can (?:you|i) (?:do|say|ask)\b|^how does this work$",
    "yes": r"^(?:yes|yeah|yep|sure|ok|okay|ready|i'm ready|i am ready|let's go|y)$",
    "no": r"^(?:no|nope|not yet|not now|wait|n)$",
    "explain": rf"^(?:please |can you |could you )?(?:explain|why|how|how come){_END}$",
}
_DEFINE = re.compile(
    r"^(?:(?:so|and|but|please|can you tell me) )*(?:what(?:'s| is| are| does| do)|define"
    r"|(?:the )?(?:definition|meaning) of)(?: (?:an?|the))? (.+?)(?: means?)?$"
)
_NUMBERED = re.compile(r"\b(?:question|q|number|no\.) ?(\d{1,4})\b")
_LEAD = re.compile(
    r"^(?:(?:i (?:think|guess|say)|maybe|perhaps|is it|it is|it's|(?:the|my) answer(?: is)?"
    r"|answer|option|choice|that is|that's)(?![a-z])\s*|[=:,]\s*)+"
)
_NUMBER = re.compile(r"[-+−]?\$? ?\d[\d.,]*(?: ?/ ?\d+)? ?%?")
_EXPRESSION = re.compile(
    r"(?=.*[\d=+*/^]|[a-z]$)(?:[-+−*/^=<>≤≥().,\d\s{}|$]|\\[a-z]+|(?<![a-z])[a-z]{1,2}(?![a-z]))+"
)


def read(message: str, question: AskedQuestion | None) -> Intent:
    """What `message` asks for while `question` is open."""
    named = _object(message)
    if named is not None:
        if named.keys() == {"questionId", "answer"}:
            return Intent(kind="answer", topic=str(named["questionId"]))
        message = " ".join(v for k, v in named.items() if k != "type" and isinstance(v, str))
    text = _folded(message)
    bare = text.strip(" .!?")
    number = _NUMBERED.search(text)
    wanted = int(number[1]) if number else None
    plain = _plain(bare, question) if question else None
    if plain is not None:
        return plain
    kind = _cue(bare)
    if kind:
        return Intent(kind=kind, number=wanted)
    return _asked(bare, text, wanted, question)


def _asked(bare: str, text: str, wanted: int | None, question: AskedQuestion | None) -> Intent:
    if (defined := _DEFINE.match(bare)) and terms(defined[1]):
        return Intent(kind="define", topic=defined[1], number=wanted)
    if wanted is not None and len(terms(_NUMBERED.sub("", bare))) == 0:
        return Intent(kind="explain", number=wanted)
    if re.match(r"(?:please )?(?:explain|why|how)\b", bare) and not terms(bare):
        return Intent(kind="explain")
    is_short = len(bare.split()) <= 3 and "?" not in text
    if question and question.type == "short_text" and is_short and bare:
        return _would_be(_LEAD.sub("", bare), question)
    return Intent(kind="ask", topic=bare, number=wanted)


def _folded(text: str) -> str:
    return inline(unicodedata.normalize("NFKC", text).casefold().replace("’", "'"))


def _object(message: str) -> dict[str, object] | None:
    if not message.lstrip().startswith("{"):
        return None
    try:
        return msgspec.json.decode(message, type=dict[str, object])
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _cue(bare: str) -> Kind | None:
    if len(bare) > _CUE_LENGTH:
        return None
    return next((kind for kind, cue in _CUES.items() if re.search(cue, bare)), None)


def _plain(bare: str, question: AskedQuestion) -> Intent | None:
    """The answer that a chat text seems to give to this question."""
    said = _LEAD.sub("", bare)
    rest = said[:80].strip(" .)(")
    shown = labels(question)
    for option in question.options:
        names = (shown[str(option.id)], str(option.id), option.text)
        if {said, rest} & {_folded(name) for name in names}:
            chosen = [option.id] if question.type == "multiple" else option.id
            return _would_be(chosen, question)
    if question.type == "true_false" and rest in ("true", "false"):
        return _would_be(rest == "true", question)
    is_value = (question.type in ("numeric", "algebraic") and _NUMBER.fullmatch(rest)) or (
        question.type == "algebraic" and _EXPRESSION.fullmatch(rest)
    )
    return _would_be(rest, question) if is_value else None


def _would_be(answer: object, question: AskedQuestion) -> Intent:
    sent = {"answer": answer, "questionId": question.id}
    return Intent(kind="plain", topic=msgspec.json.encode(sent).decode())
