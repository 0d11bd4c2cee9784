"""Who depends on a prompt, and what a change of it must leave whole."""

from collections.abc import Collection, Sequence

from twosigma.domain.errors import Conflict
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompt_resolution import Unresolvable, resolve
from twosigma.domain.prompts import LATEST, PromptVersion, refs_in


def found_in(versions: Sequence[PromptVersion]) -> dict[Ref, PromptVersion]:
    """All that references can name, where these are all the versions there are."""
    found: dict[Ref, PromptVersion] = {}
    newest: dict[str, PromptVersion] = {}
    for one in versions:
        found[Ref(name=one.name, version=one.version)] = one
        found |= {Ref(name=one.name, label=label): one for label in one.labels}
        if one.name not in newest or newest[one.name].version < one.version:
            newest[one.name] = one
    return found | {Ref(name=name, label=LATEST): one for name, one in newest.items()}


def may_reach(versions: Sequence[PromptVersion], names: Collection[str]) -> list[PromptVersion]:
    """Those that name one of these names, or a name of which some version does, and so on."""
    named = [(one, {ref.name for ref in refs_in(one)}) for one in versions]
    reached = set(names)
    while more := {one.name for one, below in named if below & reached} - reached:
        reached |= more
    return [one for one, below in named if below & reached]


def require_whole(versions: Sequence[PromptVersion], touched: Collection[str]) -> None:
    """Raise Conflict where a stored version no longer resolves, naming it.

    `versions` is every version as it would stand after the change, `touched` the names whose
    versions or labels are changed by it.
    """
    found = found_in(versions)
    for one in may_reach(versions, touched):
        try:
            resolve(one, found)
        except Unresolvable as broken:
            raise Conflict(
                f"This would break {one.name!r} version {one.version}: {broken.detail}",
                code=broken.code,
            ) from broken


def dependents(versions: Sequence[PromptVersion], name: str) -> list[PromptVersion]:
    """The versions whose resolved text holds some version of this name; those that do not
    resolve, and may have to do with it, are among them."""
    found = found_in(versions)
    return [one for one in may_reach(versions, [name]) if _holds(one, found, name)]


def _holds(one: PromptVersion, found: dict[Ref, PromptVersion], name: str) -> bool:
    try:
        graph = resolve(one, found).graph
    except Unresolvable:
        return True
    return any(child.name == name for children in graph.values() for child in children)
