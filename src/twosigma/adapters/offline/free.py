"""Answers to free messages, and to quiz answers that could not be marked."""

from collections.abc import Callable

from msgspec import Struct

from twosigma.adapters.offline.intents import Intent, Kind, read
from twosigma.adapters.offline.layout import condense, outline, parts
from twosigma.adapters.offline.passages import Passage, best, spoken_of
from twosigma.adapters.offline.phrases import Phrases
from twosigma.adapters.offline.questions import ask
from twosigma.adapters.offline.walk import Walk, mention
from twosigma.domain.llm import Material
from twosigma.domain.quiz import AskedQuestion, Hint

_PASSAGE = 1_800


class Scene(Struct, frozen=True, kw_only=True):
    """What a free message is answered from: the material, the words, the walk with this message
    taken into account, the question that was open before it, and the one answered before it."""

    material: Material
    say: Phrases
    walk: Walk
    was: int | None
    answered: int | None


def reply(message: str, before: AskedQuestion | None, scene: Scene) -> str:
    """The answer to a message sent while `before` was open; never empty."""
    intent = read(message, before)
    blocks = _REPLIES[intent.kind](scene, intent)
    return "\n\n".join(block for block in blocks if block)


def way(question: AskedQuestion, say: Phrases) -> str:
    """All the hints of a question as numbered steps; empty where it has none."""
    steps = [hint for hint in question.hints if hint.text.strip()]
    listed = "\n".join(
        f"{number}. " + _titled(hint).replace("\n", "\n   ")
        for number, hint in enumerate(steps, start=1)
    )
    return f"{say.way}\n\n{listed}" if listed else ""


def _titled(hint: Hint) -> str:
    title = hint.title.strip()
    return f"**{title}.** {hint.text.strip()}" if title else hint.text.strip()


def _asked(scene: Scene, at: int | None) -> str:
    if at is None:
        return ""
    return ask(scene.walk.asked[at], at + 1, len(scene.walk.asked), scene.say)


def _back(scene: Scene) -> str:
    """The way back to the open question, or what else can be done."""
    if scene.walk.open is not None:
        return mention(scene.walk, scene.walk.open, scene.say)
    return scene.say.usage


def _unmarked(scene: Scene, intent: Intent) -> list[str]:
    at = scene.walk.find(intent.topic)
    if at is not None:
        return [scene.say.unfit.format(number=at + 1), _asked(scene, at)]
    if scene.walk.open is None:
        return [scene.say.unlisted, scene.say.usage]
    return [scene.say.unlisted, scene.say.asked_again, _asked(scene, scene.walk.open)]


def _plain(scene: Scene, intent: Intent) -> list[str]:
    sent = scene.say.how_to_send.format(example=intent.topic)
    return [sent, _asked(scene, scene.walk.open)]


def _hint(scene: Scene, intent: Intent) -> list[str]:
    say, at = scene.say, scene.walk.place(intent.number)
    if at is None:
        return _explain(scene, intent)
    lead = say.keep_key if intent.kind == "key" and not scene.walk.is_done(at) else ""
    hints = [hint for hint in scene.walk.asked[at].hints if hint.text.strip()]
    # The walk has counted this request already.
    number = scene.walk.hints[at]
    if not hints:
        return [lead, say.no_hint_at_all.format(number=at + 1), _from_text(scene, at)]
    if number > len(hints):
        return [lead, say.no_hints.format(number=at + 1), _asked(scene, at)]
    hint = hints[number - 1]
    shape = say.hint_titled if hint.title.strip() else say.hint
    text = shape.format(
        number=number, total=len(hints), title=hint.title.strip(), text=hint.text.strip()
    )
    return [lead, text, mention(scene.walk, at, say)]


def _from_text(scene: Scene, at: int) -> str:
    passage = spoken_of(scene.walk.asked[at], scene.material)
    return _quoted(scene, passage) if passage else scene.say.think


def _explain(scene: Scene, intent: Intent) -> list[str]:
    at = scene.answered if intent.number is None else scene.walk.place(intent.number)
    if at is None:
        at = scene.walk.open
    if at is None:
        return [_covers(scene), scene.say.usage]
    steps = way(scene.walk.asked[at], scene.say) if scene.walk.is_done(at) else ""
    again = _asked(scene, at) if intent.number is not None else ""
    told = steps or _from_text(scene, at)
    more = _ask_hint(scene) if told == scene.say.think else ""
    return [again, told, more, _back(scene)]


def _skip(scene: Scene, intent: Intent) -> list[str]:
    if scene.was is None:
        return _read_on(scene, intent)
    lead = scene.say.only_one if scene.walk.open == scene.was else scene.say.skipped
    return [lead, _asked(scene, scene.walk.open)]


def _read_on(scene: Scene, intent: Intent) -> list[str]:
    say, shown = scene.say, parts(scene.material.text)
    del intent
    number = scene.walk.part  # the walk has counted this request already
    if number > len(shown):
        return [say.nothing_more, _asked(scene, scene.walk.open) or say.usage]
    head = say.part.format(number=number, total=len(shown)) if len(shown) > 1 else ""
    more = say.more_parts if number < len(shown) else say.last_part
    foot = more.format(number=number, total=len(shown))
    return [head, shown[number - 1], foot, "" if scene.walk.open is None else _back(scene)]


def _repeat(scene: Scene, intent: Intent) -> list[str]:
    at = scene.walk.place(intent.number)
    return [_asked(scene, at) or scene.say.usage]


def _standing(scene: Scene, intent: Intent) -> list[str]:
    del intent
    given = scene.walk.verdicts
    shape = scene.say.standing if given else scene.say.standing_none
    right, left = sum(given.values()), scene.walk.left
    return [shape.format(right=right, answered=len(given), left=left), _back(scene)]


def _yes(scene: Scene, intent: Intent) -> list[str]:
    if scene.walk.open is not None:
        return [_asked(scene, scene.walk.open)]
    return _repeat(scene, intent)


def _polite(shape: Callable[[Phrases], str]) -> Callable[[Scene, Intent], list[str]]:
    def said(scene: Scene, intent: Intent) -> list[str]:
        del intent
        return [shape(scene.say), _back(scene)]

    return said


def _search(scene: Scene, intent: Intent) -> list[str]:
    passage = best(intent.topic, scene.material, defining=intent.kind == "define")
    if passage is None:
        return [scene.say.not_found, _covers(scene), _ask_hint(scene), _back(scene)]
    return [_quoted(scene, passage), _back(scene)]


def _quoted(scene: Scene, passage: Passage) -> str:
    say, text = scene.say, condense(passage.text, _PASSAGE)
    if passage.kind == "question":
        return say.found_question.format(number=passage.number, prompt=text)
    if passage.kind == "hint":
        lead = say.found_hint.format(number=passage.number)
    elif passage.heading:
        lead = say.found_under.format(heading=passage.heading)
    else:
        lead = say.found
    return f"{lead}\n\n{text}"


def _covers(scene: Scene) -> str:
    headings = outline(scene.material.text)
    return scene.say.covers.format(headings=headings) if headings else ""


def _ask_hint(scene: Scene) -> str:
    at = scene.walk.open
    if at is None or scene.walk.hints[at] >= len(scene.walk.asked[at].hints):
        return ""
    return scene.say.ask_hint.format(number=at + 1)


_REPLIES: dict[Kind, Callable[[Scene, Intent], list[str]]] = {
    "answer": _unmarked,
    "plain": _plain,
    "hint": _hint,
    "key": _hint,
    "next": _skip,
    "more": _read_on,
    "repeat": _repeat,
    "standing": _standing,
    "usage": _polite(lambda say: say.usage),
    "thanks": _polite(lambda say: say.thanks),
    "hello": _polite(lambda say: say.hello),
    "yes": _yes,
    "no": _polite(lambda say: say.no_hurry),
    "define": _search,
    "explain": _explain,
    "ask": _search,
}
