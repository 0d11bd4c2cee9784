"""All that the offline tutor says of its own; everything else comes from the course."""

from msgspec import Struct


class Phrases(Struct, frozen=True, kw_only=True):
    """The scaffolding of one language, in Markdown. Tuples are variants of one phrase;
    names in braces are filled in with `str.format`."""

    welcome: str
    place: str
    about: str
    brief: str
    no_material: str
    part: str
    more_parts: str
    last_part: str
    nothing_more: str
    counted: str
    counted_one: str
    asked: str
    how: dict[str, str]
    true: str
    false: str
    invite: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    in_a_row: str
    given: str
    key: str
    why: str
    way: str
    from_lesson: str
    next: tuple[str, ...]
    last_one: str
    unlisted: str
    unfit: str
    asked_again: str
    how_to_send: str
    hint: str
    hint_titled: str
    no_hints: str
    no_hint_at_all: str
    keep_key: str
    open_still: str
    skipped: str
    only_one: str
    found: str
    found_under: str
    found_question: str
    found_hint: str
    not_found: str
    covers: str
    ask_hint: str
    think: str
    thanks: str
    hello: str
    no_hurry: str
    usage: str
    standing: str
    standing_none: str
    finished: str
    scored: str
    scored_visible: str
    all_right: str
    look_again: str
    encourage: str
    afterwards: str


ENGLISH = Phrases(
    welcome="Welcome! This is **{title}**.",
    place="You are here: {path}",
    about="**What it is about.** {text}",
    brief="**To read up on:** {outline}. Say “explain” for what fits the open question, or "
    "“continue” to read it all.",
    no_material="There is no text stored with this item; let us work on what there is.",
    part="**Part {number} of {total}**",
    more_parts="*This was part {number} of {total}. Say “continue” to read on.*",
    last_part="*That was the last part of the text.*",
    nothing_more="That was the whole text of this lesson.",
    counted="There are **{total} questions**. Take them one at a time, and say “hint” when stuck.",
    counted_one="There is **one question**. Take your time, and say “hint” when you are stuck.",
    asked="**Question {number} of {total}**",
    how={
        "single": "*Choose one: {labels}.*",
        "multiple": "*Choose all that apply: {labels}.*",
        "true_false": "*Is that true or false?*",
        "numeric": "*Answer with a number.*",
        "short_text": "*Answer with a word or a short phrase.*",
        "algebraic": "*Answer with an expression.*",
    },
    true="true",
    false="false",
    invite="Ask me about anything in it: “what is …?”, “explain …”, or “continue” to read on.",
    right=(
        "**Yes, that is right.**",
        "**Correct, well done.**",
        "**Exactly.**",
        "**Right!** You have got the idea.",
        "**That is it.**",
        "**Well done, that is correct.**",
    ),
    wrong=(
        "**Not quite,** but a good place to learn something.",
        "**Not this time.** Let us look at it together.",
        "**That is not it yet.** It is worth a second look.",
        "**Not quite right.** Here is what to look for.",
        "**Almost everyone misses one of these.** This one is not right yet.",
    ),
    in_a_row="That makes {count} right in a row.",
    given="Your answer: {answer}",
    key="The answer is {answer}.",
    why="**Why:**",
    way="**A way to get there:**",
    from_lesson="**From the lesson:**",
    next=("Now the next one.", "Let us go on.", "Here is another.", "On to the next question."),
    last_one="Here is the last one.",
    unlisted="I cannot check that: it answers none of this lesson’s own questions.",
    unfit="That does not fit question {number}, so I have not marked it.",
    asked_again="Here is the question once more.",
    how_to_send="That may well be your answer, but I only mark what is sent as an answer to the "
    "question: pick or type it in the answer field (a program sends `{example}`).",
    hint="**Hint {number} of {total}.** {text}",
    hint_titled="**Hint {number} of {total}: {title}.** {text}",
    no_hints="You have had all the hints for question {number}. Try an answer now: a wrong one "
    "costs nothing but shows the way.",
    no_hint_at_all="There are no hints for question {number}. Try an answer: right or wrong, you "
    "will then see why.",
    keep_key="I cannot tell the answer before you have tried, but I can help you find it.",
    open_still="Whenever you are ready, question {number} is still open: {prompt}",
    skipped="All right, we leave that one for later.",
    only_one="It is the only question still open, so let us stay with it.",
    found="Here is what the lesson says:",
    found_under="Here is what the lesson says under **{heading}**:",
    found_question="Question {number} is about that: {prompt}",
    found_hint="One of the hints to question {number} speaks of that:",
    not_found="This lesson’s own text does not say, and I would rather not make something up.",
    covers="It covers: {headings}.",
    ask_hint="Say “hint” for a first step on question {number}.",
    think="Look at the question again, one step at a time: what is given, and what is asked for?",
    thanks="You are welcome!",
    hello="Hello! Good to have you here.",
    no_hurry="That is fine, there is no hurry.",
    usage="You can say “hint”, “explain”, “repeat”, “next”, “continue” (to read on), or ask "
    "“what is …?”.",
    standing="So far {right} of {answered} right, {left} still to do.",
    standing_none="You have not answered a question yet; there are {left} to do.",
    finished="**That was the last question.**",
    scored="You got **{right} of {total}** right.",
    scored_visible="Of the {total} answers I can still look back on, **{right}** were right.",
    all_right="All of them: you have mastered this one.",
    look_again="Worth another look:",
    encourage="These are how one learns: read the reasons again, then answer them once more. "
    "Say, for example, “question {number}” to see it again.",
    afterwards="What next? Ask me about anything that is still unclear, or go on to the next "
    "part of **{place}**.",
)

BY_LANGUAGE = {"en": ENGLISH}


def phrases_for(locale: str) -> Phrases:
    """The phrases of a BCP 47 tag's language; English where there are none."""
    return BY_LANGUAGE.get(locale.partition("-")[0].lower(), ENGLISH)
