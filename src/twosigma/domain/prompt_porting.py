"""What prompts from elsewhere become here: which are new, and what must hold of all together."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from twosigma.domain.content import canonical_data
from twosigma.domain.errors import Fault, Invalid
from twosigma.domain.prompt_dependents import found_in
from twosigma.domain.prompt_files import FiledVersion, PromptFile, read
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompt_resolution import Unresolvable, resolve
from twosigma.domain.prompts import NewPromptVersion, PromptVersion, refs_in


class Plan(Struct, frozen=True, kw_only=True):
    """`new` is to be added, in this order; each of `known` says what a version here says."""

    new: tuple[FiledVersion, ...]
    known: tuple[tuple[FiledVersion, PromptVersion], ...]


def current(versions: Sequence[PromptVersion]) -> list[PromptVersion]:
    """Those that bear a label (the newest of a name bears `latest`), and all that these refer
    to."""
    found = found_in(versions)
    kept: dict[int, PromptVersion] = {}
    waiting = [one for one in versions if one.labels]
    while waiting:
        one = waiting.pop()
        if one.id not in kept:
            kept[one.id] = one
            waiting += [found[ref] for ref in refs_in(one) if ref in found]
    return [one for one in versions if one.id in kept]


def read_all(files: Sequence[PromptFile], author: str, now: datetime) -> list[FiledVersion]:
    """What the files say, by name and number; raises Invalid with the faults of all."""
    filed: list[FiledVersion] = []
    faults: list[Fault] = []
    for file in files:
        try:
            filed.append(read(file, author, now))
        except Invalid as refused:
            faults += refused.faults
    filed.sort(key=lambda one: (one.new.name, one.number))
    faults += _repeats(filed, lambda one: [f"version {one.number}"])
    faults += _repeats(filed, lambda one: [f"the label {label!r}" for label in one.new.labels])
    if faults:
        raise Invalid(faults)
    return filed


def _repeats(
    filed: Sequence[FiledVersion], borne_once: Callable[[FiledVersion], Iterable[str]]
) -> list[Fault]:
    """What two files of a name cannot both have."""
    holders: dict[tuple[str, str], str] = {}
    faults = []
    for one in filed:
        for what in borne_once(one):
            first = holders.setdefault((one.new.name, what), one.path)
            if first != one.path:
                faults.append(one.fault(f"{what} of {one.new.name!r} is in {first} too"))
    return faults


def planned(filed: Sequence[FiledVersion], stored: Sequence[PromptVersion]) -> Plan:
    """Each version here accounts for one file that says the same, of its number if there is one.
    Raises Invalid where versions of a name would be of two types."""
    _require_one_type(filed, stored)
    left: dict[tuple[str, bytes], list[PromptVersion]] = defaultdict(list)
    for version in stored:
        left[version.name, _content(version)].append(version)
    known: dict[str, PromptVersion] = {}
    for is_same_number in (True, False):
        for one in filed:
            same = left.get((one.new.name, _content(one.new)), [])
            fits = [each for each in same if not is_same_number or each.version == one.number]
            if one.path not in known and fits:
                known[one.path] = fits[0]
                same.remove(fits[0])
    return Plan(
        new=tuple(one for one in filed if one.path not in known),
        known=tuple((one, known[one.path]) for one in filed if one.path in known),
    )


def _require_one_type(filed: Sequence[FiledVersion], stored: Sequence[PromptVersion]) -> None:
    kinds = {version.name: version.type for version in stored}
    faults = []
    for one in filed:
        kind = kinds.setdefault(one.new.name, one.new.type)
        if kind != one.new.type:
            faults.append(one.fault(f"other versions of {one.new.name!r} are of type {kind!r}"))
    if faults:
        raise Invalid(faults)


def _content(one: NewPromptVersion | PromptVersion) -> bytes:
    return canonical_data(
        {
            "type": one.type, "prompt": one.prompt, "messages": msgspec.to_builtins(one.messages),
            "config": one.config, "commit_message": one.commit_message,
        }
    )  # fmt: skip


def require_sound(
    plan: Plan, added: Mapping[str, PromptVersion], stored: Collection[PromptVersion]
) -> None:
    """Raise Invalid with every file whose prompt does not resolve, or pins a number that another
    version has now. `added`: the new versions by path, `stored`: all there are with them."""
    numbers = {(one.new.name, one.number): added[one.path].version for one in plan.new}
    numbers |= {(one.new.name, one.number): here.version for one, here in plan.known}
    found = found_in(list(stored))
    faults: list[Fault] = []
    for one in plan.new:
        version = added[one.path]
        faults += [one.fault(msg) for msg in _moved_pins(refs_in(version), numbers)]
        try:
            resolve(version, found)
        except Unresolvable as broken:
            faults.append(one.fault(broken.detail))
    if faults:
        raise Invalid(faults)


def _moved_pins(refs: Iterable[Ref], numbers: Mapping[tuple[str, int], int]) -> list[str]:
    pinned = [(ref.name, ref.version) for ref in refs if ref.version is not None]
    return [
        f"it pins version {number} of {name!r}, which has the number {numbers[name, number]} here"
        for name, number in pinned
        if numbers.get((name, number), number) != number
    ]
