"""What prompts from elsewhere become here: which are new, and what must hold of all together."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from twosigma.domain.content import canonical_data
from twosigma.domain.errors import Fault, Invalid
from twosigma.domain.prompt_dependents import found_in
from twosigma.domain.prompt_incoming import Incoming, reached
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompt_resolution import Unresolvable, resolve
from twosigma.domain.prompts import NewPromptVersion, PromptVersion, refs_in

MAX_FAULTS = 1000
"""So many are told; of what is no prompts at all, every line may have one."""
T = TypeVar("T")


class Plan(Struct, frozen=True, kw_only=True):
    """`new` is to be added, in this order; each of `known` says what a version here says."""

    new: tuple[Incoming, ...]
    known: tuple[tuple[Incoming, PromptVersion], ...]


def current(versions: Sequence[PromptVersion]) -> list[PromptVersion]:
    """Those that bear a label (the newest of a name bears `latest`), and all that these refer
    to."""
    found = found_in(versions)
    kept = reached(
        (one for one in versions if one.labels),
        lambda one: [found[ref] for ref in refs_in(one) if ref in found],
        lambda one: one.id,
    )
    return [one for one in versions if one.id in kept]


def read_all(given: Iterable[T], read: Callable[[T], Incoming]) -> list[Incoming]:
    """What was given, each read, by name and number; raises Invalid with the faults of all
    (but for what is beyond `MAX_FAULTS`)."""
    incoming: list[Incoming] = []
    faults: list[Fault] = []
    for each in given:
        try:
            incoming.append(read(each))
        except Invalid as refused:
            faults += refused.faults
            if len(faults) > MAX_FAULTS:
                break
    incoming.sort(key=lambda one: (one.new.name, one.new.version))
    faults += _repeats(incoming, lambda one: [f"version {one.new.version}"])
    faults += _repeats(incoming, lambda one: [f"the label {label!r}" for label in one.new.labels])
    _require_none(faults)
    return incoming


def _require_none(faults: Sequence[Fault]) -> None:
    if len(faults) > MAX_FAULTS:
        more = Fault(faults[MAX_FAULTS].loc, "There are more faults than are told", "value_error")
        faults = [*faults[:MAX_FAULTS], more]
    if faults:
        raise Invalid(faults)


def _repeats(
    incoming: Sequence[Incoming], borne_once: Callable[[Incoming], Iterable[str]]
) -> list[Fault]:
    """What two versions of a name cannot both have."""
    holders: dict[tuple[str, str], str] = {}
    faults = []
    for one in incoming:
        for what in borne_once(one):
            first = holders.setdefault((one.new.name, what), one.source)
            if first != one.source:
                faults.append(one.fault(f"{what} of {one.new.name!r} is in {first} too"))
    return faults


def planned(incoming: Sequence[Incoming], stored: Sequence[PromptVersion]) -> Plan:
    """Each version here accounts for one incoming that says the same, its own number first.
    Raises Invalid where versions of a name would be of two types."""
    _require_one_type(incoming, stored)
    left: dict[tuple[str, bytes], list[PromptVersion]] = defaultdict(list)
    for version in stored:
        left[version.name, _content(version)].append(version)
    known: dict[str, PromptVersion] = {}
    for is_same_number in (True, False):
        for one in incoming:
            same = left.get((one.new.name, _content(one.new)), [])
            fits = [each for each in same if not is_same_number or each.version == one.new.version]
            if one.source not in known and fits:
                known[one.source] = fits[0]
                same.remove(fits[0])
    return Plan(
        new=tuple(one for one in incoming if one.source not in known),
        known=tuple((one, known[one.source]) for one in incoming if one.source in known),
    )


def _require_one_type(incoming: Sequence[Incoming], stored: Sequence[PromptVersion]) -> None:
    kinds = {version.name: version.type for version in stored}
    faults = []
    for one in incoming:
        kind = kinds.setdefault(one.new.name, one.new.type)
        if kind != one.new.type:
            faults.append(one.fault(f"other versions of {one.new.name!r} are of type {kind!r}"))
    _require_none(faults)


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
    """Raise Invalid with every version that does not resolve, or pins a number that another
    version has now. `added`: the new versions by source, `stored`: all there are with them."""
    numbers = {(one.new.name, one.new.version): added[one.source].version for one in plan.new}
    numbers |= {(one.new.name, one.new.version): here.version for one, here in plan.known}
    found = found_in(list(stored))
    faults: list[Fault] = []
    for one in plan.new:
        version = added[one.source]
        faults += [one.fault(msg) for msg in _moved_pins(refs_in(version), numbers)]
        try:
            resolve(version, found)
        except Unresolvable as broken:
            faults.append(one.fault(broken.detail))
    _require_none(faults)


def _moved_pins(refs: Iterable[Ref], numbers: Mapping[tuple[str, int], int]) -> list[str]:
    pinned = [(ref.name, ref.version) for ref in refs if ref.version is not None]
    return [
        f"it pins version {number} of {name!r}, which has the number {numbers[name, number]} here"
        for name, number in pinned
        if numbers.get((name, number), number) != number
    ]
