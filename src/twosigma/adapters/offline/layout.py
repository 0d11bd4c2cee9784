"""Markdown as the course has it: paragraphs, parts, shorter forms; mathematics stays whole."""

import re
from collections import Counter, deque
from functools import lru_cache

from msgspec import Struct

PART = 5_000
"""Characters of learning text shown at once."""
_MOST_HEADINGS = 8
_MOST_TITLES = 5

_HEADING = re.compile(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_LEAD = re.compile(r"\*\*([^*\n]{1,200}?)[.:]?\*\*[.:]?\s+\S")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
# Never cut inside these. A length limit keeps an opener that is never closed cheap.
_WHOLE = re.compile(
    r"\\\(.{0,600}?\\\)|\\\[.{0,600}?\\\]|\$\$.{1,600}?\$\$|`[^`\n]{0,200}`", re.DOTALL
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_SPACE = re.compile(r"\s")


class Paragraph(Struct, frozen=True, kw_only=True):
    """A paragraph, a fenced block or a heading, with the heading it stands under."""

    text: str
    heading: str
    is_heading: bool = False


@lru_cache(maxsize=32)  # every reply of a lesson looks at the same text
def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Split at blank lines and headings, but never inside a code fence."""
    found: list[Paragraph] = []
    held: list[str] = []
    heading, fence = "", ""

    def close() -> None:
        body = "\n".join(held).strip("\n")
        if body.strip():
            found.append(Paragraph(text=body, heading=heading))
        held.clear()

    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
            held.append(line)
        elif not fence and (title := _HEADING.match(line)):
            close()
            heading = inline(title[1])
            found.append(Paragraph(text=line.strip(), heading=heading, is_heading=True))
        elif fence or line.strip():
            held.append(line)
        else:
            close()
    close()
    return tuple(found)


def lead(paragraph: str) -> str:
    """The title in bold that a paragraph begins with; empty where it has none, or nothing else."""
    found = _LEAD.match(paragraph)
    return inline(found[1]) if found else ""


def outline(text: str) -> str:
    """The headings of the first two levels (eight at most), each with the titles in bold that
    stand under it (five at most; how often, where more than once)."""
    found: dict[str, Counter[str]] = {}
    for paragraph in paragraphs(text):
        if paragraph.is_heading and paragraph.heading and not paragraph.text.startswith("###"):
            found.setdefault(paragraph.heading, Counter())
        elif paragraph.heading in found and (title := lead(paragraph.text)):
            found[paragraph.heading][title] += 1
    return ", ".join(
        heading + (f" ({'; '.join(_few(titles))})" if titles else "")
        for heading, titles in list(found.items())[:_MOST_HEADINGS]
    )


def _few(titles: Counter[str]) -> list[str]:
    listed = [f"{title} ×{count}" if count > 1 else title for title, count in titles.items()]
    return listed if len(listed) <= _MOST_TITLES else [*listed[:_MOST_TITLES], "…"]


def parts(text: str, limit: int = PART) -> tuple[str, ...]:
    """The text in order, in parts of about `limit` characters that break between paragraphs;
    a heading goes with what follows it. None for a text of white space."""
    made: list[str] = []
    held: list[Paragraph] = []
    for paragraph in paragraphs(text):
        body = len(held)
        while body and held[body - 1].is_heading:
            body -= 1
        if body and sum(len(one.text) for one in held) + len(paragraph.text) > limit:
            made.append(_joined(held[:body]))
            del held[:body]
        held.append(paragraph)
    return (*made, _joined(held)) if held else ()


def _joined(held: list[Paragraph]) -> str:
    return "\n\n".join(paragraph.text for paragraph in held)


def inline(text: str) -> str:
    """On one line, with single spaces."""
    return " ".join(text.split())


def shorten(text: str, limit: int) -> str:
    """On one line, cut at a space near `limit` characters, and never inside mathematics."""
    line = inline(text)
    if len(line) <= limit:
        return line
    at = _cut(line, limit, _SPACE)
    return line if at is None else line[:at].rstrip(" ,;:.") + " …"


def condense(text: str, limit: int) -> str:
    """The first paragraphs that fit in `limit` characters; of a longer first one its first
    sentences. Headings are left out."""
    bodies = [part.text for part in paragraphs(text) if not part.is_heading]
    kept: list[str] = []
    for body in bodies:
        if sum(map(len, kept)) + len(body) > limit:
            break
        kept.append(body)
    if kept or not bodies:
        return "\n\n".join(kept)
    at = _cut(bodies[0], limit, _SENTENCE_END)
    return bodies[0][:at] if at is not None and at <= limit else shorten(bodies[0], limit)


def _cut(text: str, limit: int, boundary: re.Pattern[str]) -> int | None:
    """The last boundary up to `limit` outside mathematics and code, else the first after it."""
    whole = deque(found.span() for found in _WHOLE.finditer(text))
    best: int | None = None
    for found in boundary.finditer(text):
        while whole and whole[0][1] <= found.start():
            whole.popleft()
        if whole and whole[0][0] < found.start():
            continue
        if found.start() > limit:
            return found.start() if best is None else best
        best = found.start()
    return best
