"""What the offline tutor says: a function of the request alone."""

import zlib

from twosigma.adapters.offline import free
from twosigma.adapters.offline.layout import condense, inline, outline, parts, shorten
from twosigma.adapters.offline.passages import spoken_of
from twosigma.adapters.offline.phrases import Phrases, phrases_for
from twosigma.adapters.offline.questions import answer_shown, ask
from twosigma.adapters.offline.walk import PROMPT, walk
from twosigma.domain.llm import Material, Note, TutorRequest
from twosigma.domain.quiz import AskedQuestion
from twosigma.domain.steps import GREETING_TEXT

_ABOUT = 1_500
"""Characters of the text that introduce an item which is not a text to read."""
_STREAK = 3


def compose(request: TutorRequest) -> str:
    """The reply in Markdown, never empty.

    The verdict, right answer and explanation of an answer come from the request's note; all
    else from its material. The verdicts of earlier answers come from the history.
    """
    material = request.context.material
    say = phrases_for(request.context.locale)
    opening, parts_shown = _opening(material, say)
    state = walk(request, say, parts_shown=parts_shown)
    before = state.question
    scene = free.Scene(
        material=material, say=say, walk=state, was=state.open, answered=state.just_answered
    )
    if request.message.strip() == GREETING_TEXT:
        return _joined(_welcome(material, say), opening, _invitation(scene))
    state.follow(request.message, request.note.graded if request.note else None)
    at = state.just_answered
    if request.note is not None and at is not None:
        seed = f"{request.message}\0{state.asked[at].id}"
        return _joined(_verdict(request.note, at, seed, scene), _onward(seed, scene))
    return free.reply(request.message, before, scene)


def _joined(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block.strip())


def _welcome(material: Material, say: Phrases) -> str:
    title = inline(material.title) or inline(material.module_title) or "…"
    named = (material.course_title, *(material.module_path or (material.module_title,)))
    steps = [step for step in map(inline, named) if step]
    path = [step for at, step in enumerate(steps) if at == 0 or step != steps[at - 1]]
    if path[-1:] == [title]:
        del path[-1]
    place = say.place.format(path=" › ".join(path)) if path else ""
    return _joined(say.welcome.format(title=title), place)


def _opening(material: Material, say: Phrases) -> tuple[str, int]:
    """What the item is about, and how many parts of its text that shows."""
    shown = parts(material.text)
    about = material.description.strip()
    introduced = say.about.format(text=about) if about else ""
    if not shown:
        return introduced or say.no_material, 0
    if material.content_type == "text":
        more = say.more_parts.format(number=1, total=len(shown)) if len(shown) > 1 else ""
        return _joined(introduced, "---", shown[0], more, "---"), 1
    listed = outline(material.text)
    if material.content_type == "quiz" and material.questions and listed:
        return _joined(introduced, say.brief.format(outline=listed)), 0
    if len(shown) == 1 and len(shown[0]) <= _ABOUT:
        return _joined(introduced, shown[0]), 1
    brief = condense(material.text, _ABOUT)
    return _joined(introduced, brief if about else say.about.format(text=brief)), 0


def _invitation(scene: free.Scene) -> str:
    state, say = scene.walk, scene.say
    total = len(state.asked)
    if state.question is None or state.open is None:
        return say.invite if total == 0 else _summary(scene)
    counted = (say.counted if total > 1 else say.counted_one).format(total=total)
    return _joined(counted, ask(state.question, state.open + 1, total, say))


def _verdict(note: Note, at: int, seed: str, scene: free.Scene) -> str:
    say, question = scene.say, scene.walk.asked[at]
    is_right = note.graded.correct
    opening = _pick(say.right if is_right else say.wrong, seed)
    if is_right and scene.walk.in_a_row >= _STREAK:
        opening += " " + say.in_a_row.format(count=scene.walk.in_a_row)
    key = given = ""
    if not is_right and note.answer.strip():
        given = say.given.format(answer=answer_shown(note.answer, question, say))
    if note.correct_answer.strip():
        key = say.key.format(answer=answer_shown(note.correct_answer, question, say))
    return _joined(opening, given, key, _why(note.explanation.strip(), question, scene))


def _why(explanation: str, question: AskedQuestion, scene: free.Scene) -> str:
    """The reason, or where the data gives none, what the lesson says of such a question."""
    if explanation:
        return scene.say.why + ("\n\n" if "\n" in explanation else " ") + explanation
    passage = spoken_of(question, scene.material)
    return _joined(scene.say.from_lesson, condense(passage.text, _ABOUT)) if passage else ""


def _onward(seed: str, scene: free.Scene) -> str:
    state, say = scene.walk, scene.say
    if state.question is None or state.open is None:
        return _joined(say.finished, _summary(scene))
    lead = say.last_one if state.left == 1 else _pick(say.next, seed)
    return _joined("---", lead, ask(state.question, state.open + 1, len(state.asked), say))


def _summary(scene: free.Scene) -> str:
    state, say, material = scene.walk, scene.say, scene.material
    right = sum(state.verdicts.values())
    scored = say.scored_visible if state.forgotten else say.scored
    missed = [at for at in sorted(state.verdicts) if not state.verdicts[at]]
    listed = "\n".join(f"- {at + 1}. {shorten(state.asked[at].prompt, PROMPT)}" for at in missed)
    if missed:
        review = _joined(say.look_again, listed, say.encourage.format(number=missed[0] + 1))
    else:
        review = "" if state.forgotten else say.all_right
    place = inline(material.module_title) or inline(material.course_title)
    after = say.afterwards.format(place=place or inline(material.title))
    return _joined(scored.format(right=right, total=len(state.verdicts)), review, after)


def _pick(variants: tuple[str, ...], seed: str) -> str:
    """One of the variants, the same for the same seed on every machine."""
    return variants[zlib.crc32(seed.encode("utf-8", "surrogatepass")) % len(variants)]
