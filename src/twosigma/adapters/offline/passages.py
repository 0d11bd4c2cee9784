"""The passage of an item's own material that best fits a question (Okapi BM25)."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from twosigma.adapters.offline.layout import inline, lead, paragraphs
from twosigma.domain.llm import Material
from twosigma.domain.quiz import AskedQuestion

_K1, _B = 1.2, 0.75  # Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009
_SHARE = 0.34
"""How much of a query's weight a passage must hold to count as an answer to it."""

_DEFINING_SHARE = 0.75
"""The same for the words of which a meaning is asked."""
_CONTENT = 2
"""How many words a passage must have that its item's own titles have not."""

_KIND = {"text": 1.0, "hint": 0.8, "question": 0.4}
_STUB = 60
_LISTED = re.compile(r"\b(?:objectives?|outcomes|goals|contents|you will learn)\b", re.IGNORECASE)
_WORKED = re.compile(r"\b(?:examples?|solutions?|exercises?|practice)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_EMPTY = (
    "a about again all also am an and any are as at be because been but by can could did do does "
    "doing don't each else explain find for from get give go had has have he her here him his how "
    "i i'm if in into is it it's its just know let like make many me mean means more most much my "
    "need no not of on one or our out please question say she should show so some such tell than "
    "that that's the their them then there these they this those to too understand up us use very "
    "want was way we were what what's when where whether which who why will with work works would "
    "you your"
)
_STOP = frozenset(_EMPTY.split())


class Passage(Struct, frozen=True, kw_only=True):
    """A piece of the material: learning text under a heading, or a question's prompt or hint
    (`number` counts the item's questions from 1)."""

    kind: Literal["text", "hint", "question"]
    text: str
    heading: str = ""
    number: int = 0


def terms(text: str) -> list[str]:
    """The words that carry meaning, folded; plural and singular are one. Scripts written
    without spaces give pairs of characters."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return [term for word in _WORD.findall(folded) if word not in _STOP for term in _forms(word)]


def _forms(word: str) -> Iterator[str]:
    if len(word) > 2 and word[0] >= "\u2e80":
        yield from (word[at : at + 2] for at in range(len(word) - 1))
    elif len(word) > 4 and word.endswith("ies"):
        yield word[:-3] + "y"
    elif len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
    else:
        yield word


def passages(material: Material) -> Iterator[Passage]:
    """All that may be quoted: text (a short lead-in with what follows it), prompts, hints.

    What says no more than the titles do is no passage, nor is a list of objectives or a hint
    that only asks.
    """
    names = _names(material)
    yield from _text_passages(material.text, names)
    if not _is_bare(material.description, names):
        yield Passage(kind="text", text=material.description.strip())
    for number, question in enumerate(material.questions, start=1):
        yield Passage(kind="question", text=question.prompt, number=number)
        for hint in question.hints:
            if "?" not in hint.text:
                yield Passage(kind="hint", text=hint.text, heading=hint.title, number=number)


def _names(material: Material) -> frozenset[str]:
    named = (material.title, material.course_title, material.module_title, *material.module_path)
    return frozenset(["question", "objective", "lesson"]).union(*map(terms, named))


def _is_bare(text: str, names: frozenset[str]) -> bool:
    return len(set(terms(text)) - names) < _CONTENT


def _text_passages(text: str, names: frozenset[str]) -> Iterator[Passage]:
    held = ""
    found = paragraphs(text)
    for at, paragraph in enumerate(found):
        is_lead_in = paragraph.text.rstrip().endswith(":")
        is_empty = not is_lead_in and not held and _is_bare(paragraph.text, names)
        if paragraph.is_heading or is_empty or _LISTED.search(paragraph.heading):
            continue
        shown = f"{held}\n\n{paragraph.text}" if held else paragraph.text
        follows = at + 1 < len(found) and not found[at + 1].is_heading
        is_stub = not held and len(shown) < _STUB and not lead(shown)
        if follows and (is_stub or is_lead_in):
            held = shown
            continue
        held = ""
        if not _is_bare(shown, names):
            yield Passage(kind="text", text=shown, heading=paragraph.heading)


class _Index:
    def __init__(self, material: Material) -> None:
        self.passages = tuple(passages(material))
        # A heading's words count twice: they say what the passage is about.
        self.counts = [Counter(terms(one.text) + 2 * terms(one.heading)) for one in self.passages]
        self.lengths = [count.total() for count in self.counts]
        self.mean = max(1.0, sum(self.lengths) / max(1, len(self.lengths)))
        self.spread = Counter(term for count in self.counts for term in count)

    def weights(self, query: str) -> dict[str, float]:
        return {term: self.weight(term) for term in dict.fromkeys(terms(query))}

    def weight(self, term: str) -> float:
        held = self.spread[term]
        return math.log(1 + (len(self.passages) - held + 0.5) / (held + 0.5))

    def score(self, at: int, query: dict[str, float], share: float) -> float:
        count, stretch = self.counts[at], 1 - _B + _B * self.lengths[at] / self.mean
        held = {term: weight for term, weight in query.items() if term in count}
        if sum(held.values()) < share * sum(query.values()):
            return 0.0
        return _KIND[self.passages[at].kind] * sum(
            weight * count[term] * (_K1 + 1) / (count[term] + _K1 * stretch)
            for term, weight in held.items()
        )


@lru_cache(maxsize=16)
def _indexed(material: Material) -> _Index:
    return _Index(material)


def best(
    query: str, material: Material, *, defining: bool = False, text_only: bool = False
) -> Passage | None:
    """The passage that fits `query` best, or None where none speaks of most of it.

    `defining` prefers a passage that says what the query's words are, and takes none that
    asks or works an example; `text_only` leaves prompts and hints out. Of equals the first in
    the item's order is taken.
    """
    index = _indexed(material)
    weights = index.weights(query)
    said = _definition(query) if defining else None
    share = _DEFINING_SHARE if defining else _SHARE
    top, chosen = 0.0, None
    for at, passage in enumerate(index.passages) if weights else ():
        if text_only and passage.kind != "text":
            continue
        if defining and (passage.kind == "question" or _WORKED.search(passage.heading)):
            continue
        score = index.score(at, weights, share)
        if said and said.search(passage.text.casefold()):
            score *= 2
        if score > top:
            top, chosen = score, passage
    return chosen


def spoken_of(question: AskedQuestion, material: Material) -> Passage | None:
    """What the item's text says of a question: of the paragraphs that the question's own hints
    repeat, or else of all, the one that fits its prompt best."""
    index = _indexed(material)
    texts = [(at, inline(one.text)) for at, one in enumerate(index.passages) if one.kind == "text"]
    hints = [inline(hint.text) for hint in question.hints if hint.text.strip()]
    repeated = [at for hint in hints for at, text in texts if hint in text]
    if not repeated:
        return best(question.prompt, material, text_only=True)
    weights = index.weights(question.prompt)
    return index.passages[max(repeated, key=lambda at: index.score(at, weights, 0.0))]


def _definition(topic: str) -> re.Pattern[str]:
    name = re.escape(topic.casefold().strip())
    return re.compile(
        rf"\b{name}s?\b[*_”\"']*(?: \S+)? (?:is|are|means|mean|refers to|denotes|stands for)\b"
        rf"|(?:called|known as|say) (?:an? |the )?[*_“\"']*{name}"
    )
