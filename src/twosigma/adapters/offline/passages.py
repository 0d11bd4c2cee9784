"""The passage of an item's own material that best fits a question (Okapi BM25)."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from twosigma.adapters.offline.layout import paragraphs
from twosigma.domain.llm import Material

_K1, _B = 1.2, 0.75  # Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009
_SHARE = 0.34
"""How much of a query's weight a passage must hold to count as an answer to it."""

_KIND = {"text": 1.0, "hint": 0.8, "question": 0.7}
_STUB = 60
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_EMPTY = (
    "a about again all also am an and any are as at be because been but by can could did do does "
    "doing don't each else explain find for from get give go had has have he her here him his how "
    "i i'm if in into is it it's its just know let like make many me mean means more most much my "
    "need no not of on one or our out please question say she should show so some such tell than "
    "that that's the their them then there these they this those to too understand up us use very "
    "want was way we were what what's when where which who why will with work works would you "
    "your"
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
    """All that may be quoted: text (a short lead-in with what follows it), prompts, hints."""
    lead = ""
    found = paragraphs(material.text)
    for at, paragraph in enumerate(found):
        if paragraph.is_heading:
            continue
        text = f"{lead}\n\n{paragraph.text}" if lead else paragraph.text
        follows = at + 1 < len(found) and not found[at + 1].is_heading
        is_stub = not lead and len(text) < _STUB
        if follows and (is_stub or text.rstrip().endswith(":")):
            lead = text
            continue
        lead = ""
        yield Passage(kind="text", text=text, heading=paragraph.heading)
    if material.description.strip():
        yield Passage(kind="text", text=material.description.strip())
    for number, question in enumerate(material.questions, start=1):
        yield Passage(kind="question", text=question.prompt, number=number)
        for hint in question.hints:
            yield Passage(kind="hint", text=hint.text, heading=hint.title, number=number)


class _Index:
    def __init__(self, material: Material) -> None:
        self.passages = tuple(passages(material))
        # A heading's words count twice: they say what the passage is about.
        self.counts = [Counter(terms(one.text) + 2 * terms(one.heading)) for one in self.passages]
        self.lengths = [count.total() for count in self.counts]
        self.mean = max(1.0, sum(self.lengths) / max(1, len(self.lengths)))
        self.spread = Counter(term for count in self.counts for term in count)

    def weight(self, term: str) -> float:
        held = self.spread[term]
        return math.log(1 + (len(self.passages) - held + 0.5) / (held + 0.5))

    def score(self, at: int, query: dict[str, float]) -> float:
        count, stretch = self.counts[at], 1 - _B + _B * self.lengths[at] / self.mean
        held = {term: weight for term, weight in query.items() if term in count}
        if sum(held.values()) < _SHARE * sum(query.values()):
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

    `defining` prefers a passage that says what the query's words are; `text_only` leaves
    prompts and hints out. Of equals the first in the item's order is taken.
    """
    index = _indexed(material)
    weights = {term: index.weight(term) for term in dict.fromkeys(terms(query))}
    said = _definition(query) if defining else None
    top, chosen = 0.0, None
    for at, passage in enumerate(index.passages) if weights else ():
        if text_only and passage.kind != "text":
            continue
        score = index.score(at, weights)
        if said and said.search(passage.text.casefold()):
            score *= 2
        if score > top:
            top, chosen = score, passage
    return chosen


def _definition(topic: str) -> re.Pattern[str]:
    name = re.escape(topic.casefold().strip())
    return re.compile(
        rf"\b{name}s?\b[*_”\"']*(?: \S+)? (?:is|are|means|mean|refers to|denotes|stands for)\b"
        rf"|(?:called|known as|say) (?:an? |the )?[*_“\"']*{name}"
    )
