"""A reply cut into pieces a reader sees arrive one after another."""

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"\S+\s*|\s+")
# Words in each piece, over and over: an even rhythm would look mechanical.
_RHYTHM = (2, 4, 3, 1, 5, 3, 2, 4)
_LONGEST = 32
# Two neighbours of these never belong to one grapheme cluster (UAX 29): ASCII, ideographs and
# their punctuation, kana, whole Hangul syllables. Whatever else stands in a word stays together.
_APART = re.compile(r"[!-~\u3000-\u3029\u3041-\u3096\u30A1-\u30FA\u3400-\u4DBF\u4E00-\u9FFF가-힣]")
# What joins the character before it, besides marks: joiners, selectors, skin tones, tags.
_JOINS_BEFORE = (
    (0x200C, 0x200D),
    (0xFE00, 0xFE0F),
    (0xFF9E, 0xFF9F),
    (0x1F3FB, 0x1F3FF),
    (0xE0020, 0xE01EF),
)


def chunks(text: str) -> Iterator[str]:
    """Pieces of a few words (or of 32 characters where there are no spaces), none empty.

    Joined they are `text`; the same text always gives the same pieces; no piece ends inside
    a grapheme cluster.
    """
    held: list[str] = []
    turn = 0
    for word in _words(text):
        if len(held) >= _RHYTHM[turn % len(_RHYTHM)] and not _joins(word[0]):
            yield "".join(held)
            held = []
            turn += 1
        held.append(word)
    if held:
        yield "".join(held)


def _words(text: str) -> Iterator[str]:
    for found in _WORD.finditer(text):
        word = found.group()
        if len(word) <= _LONGEST:
            yield word
        else:
            yield from _split(word)


def _split(word: str) -> Iterator[str]:
    start = 0
    for at in range(1, len(word)):
        if at - start >= _LONGEST and _APART.match(word[at - 1]) and _APART.match(word[at]):
            yield word[start:at]
            start = at
    yield word[start:]


def _joins(character: str) -> bool:
    if character.isascii():
        return False
    code = ord(character)
    return unicodedata.category(character).startswith("M") or any(
        low <= code <= high for low, high in _JOINS_BEFORE
    )
