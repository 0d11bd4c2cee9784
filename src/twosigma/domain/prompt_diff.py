"""How two versions of a prompt differ: line by line, and key by key of their configs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from twosigma.domain.chat_prompts import as_text
from twosigma.domain.content import canonical_data
from twosigma.domain.prompts import TEXT, PromptVersion

MAX_CELLS = 250_000
"""How many pairs of lines are compared: beyond that, all between the common ends counts as
replaced."""

Op = Literal["equal", "delete", "insert"]


class DiffPart(Struct, frozen=True, kw_only=True):
    """Lines that stay, go or come."""

    op: Op
    lines: tuple[str, ...]


class ConfigChange(Struct, frozen=True, kw_only=True):
    """A key of the config whose value differs; None where it is not there."""

    key: str
    before: object | None
    after: object | None


class PromptDiff(Struct, frozen=True, kw_only=True):
    text: tuple[DiffPart, ...]
    config: tuple[ConfigChange, ...]


def diff(before: PromptVersion, after: PromptVersion) -> PromptDiff:
    """What one version changes of the other; a chat is compared as its lines."""
    return PromptDiff(
        text=line_diff(_lines(before), _lines(after)),
        config=_config_diff(before.config, after.config),
    )


def _lines(prompt: PromptVersion) -> list[str]:
    text = prompt.prompt if prompt.type == TEXT else as_text(prompt.messages)
    return text.split("\n")


def _config_diff(
    before: Mapping[str, object], after: Mapping[str, object]
) -> tuple[ConfigChange, ...]:
    differ = [
        key
        for key in sorted(before.keys() | after.keys())
        if (key in before) != (key in after) or not _is_same(before[key], after[key])
    ]
    return tuple(
        ConfigChange(key=key, before=before.get(key), after=after.get(key)) for key in differ
    )


def _is_same(one: object, other: object) -> bool:
    # As JSON: in Python 1 and true would be equal.
    return canonical_data({"": one}) == canonical_data({"": other})


def line_diff(before: Sequence[str], after: Sequence[str]) -> tuple[DiffPart, ...]:
    """The parts of one after another: what stays and goes is `before`, what stays and comes is
    `after`."""
    head = _common(before, after)
    room = min(len(before), len(after)) - head
    tail = min(_common(before[::-1], after[::-1]), room)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    marked: list[tuple[Op, str]] = [("equal", line) for line in before[:head]]
    if len(old) * len(new) <= MAX_CELLS:
        marked += _compared(old, new)
    else:
        marked += [("delete", line) for line in old]
        marked += [("insert", line) for line in new]
    marked += [("equal", line) for line in before[len(before) - tail :]]
    return _joined(marked)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the beginning are the same."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterable[tuple[Op, str]]:
    """By the longest common subsequence; what goes comes before what comes."""
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for at in reversed(range(len(old))):
        for to in reversed(range(len(new))):
            if old[at] == new[to]:
                longest[at][to] = longest[at + 1][to + 1] + 1
            else:
                longest[at][to] = max(longest[at + 1][to], longest[at][to + 1])
    at = to = 0
    while at < len(old) and to < len(new):
        if old[at] == new[to]:
            yield "equal", old[at]
            at, to = at + 1, to + 1
        elif longest[at + 1][to] >= longest[at][to + 1]:
            yield "delete", old[at]
            at += 1
        else:
            yield "insert", new[to]
            to += 1
    yield from (("delete", line) for line in old[at:])
    yield from (("insert", line) for line in new[to:])


def _joined(marked: Iterable[tuple[Op, str]]) -> tuple[DiffPart, ...]:
    runs: list[tuple[Op, list[str]]] = []
    for op, line in marked:
        if runs and runs[-1][0] == op:
            runs[-1][1].append(line)
        else:
            runs.append((op, [line]))
    return tuple(DiffPart(op=op, lines=tuple(lines)) for op, lines in runs)
