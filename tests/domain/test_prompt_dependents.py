"""Who depends on a prompt, and what a change of it must leave whole."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.domain.prompt_versions import found_in, use, use_label, version
from tests.domain.test_prompt_resolution import NAMES, graphs
from twosigma.domain.chat_prompts import ChatMessage
from twosigma.domain.errors import Conflict
from twosigma.domain.prompt_dependents import dependents, may_reach, require_whole
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompt_resolution import Unresolvable, resolve
from twosigma.domain.prompts import PromptVersion, refs_in


def test_a_change_that_leaves_all_whole_passes() -> None:
    require_whole([], NAMES)
    require_whole(
        [version("A", use("B") + use_label("B", "x")), version("B", labels=("x",))], NAMES
    )


@pytest.mark.parametrize(
    ("tag", "others"),
    [
        (use("B", 2), [version("B")]),
        (use_label("B", "x"), [version("B", labels=("y",))]),
        (use("B"), [version("B", use_label("A", "latest"))]),
        (use("B"), [version("B", kind="chat")]),
    ],
)
def test_a_change_that_would_break_a_stored_version_names_it(
    tag: str, others: list[PromptVersion]
) -> None:
    old, newest = version("A", tag, 3), version("A", "alone", 4)
    with pytest.raises(Conflict, match="'A' version 3") as refused:
        require_whole([newest, *others, old], "B")
    assert refused.value.code == Unresolvable.code


def test_latest_is_the_highest_version_in_whatever_order_they_come() -> None:
    bad, good = version("B", use("Z"), 9), version("B", "fine", 10)
    for stored in ([good, bad], [bad, good]):
        with pytest.raises(Conflict, match="'B' version 9"):
            require_whole([version("A", use_label("B", "latest")), *stored], "BZ")
    require_whole([version("A", use_label("B", "latest")), good, version("B", "old", 9)], "B")


@settings(max_examples=40)
@given(graphs, st.randoms(use_true_random=False))
def test_whole_means_that_every_version_resolves(
    versions: list[PromptVersion], random: Any
) -> None:
    found = found_in(versions)
    for one in sorted(versions, key=lambda one: one.version):
        found[Ref(name=one.name, label="latest")] = one
    shuffled = list(versions)
    random.shuffle(shuffled)
    try:
        for one in versions:
            resolve(one, found)
    except Unresolvable:
        with pytest.raises(Conflict):
            require_whole(shuffled, NAMES)
    else:
        require_whole(shuffled, NAMES)


def test_what_cannot_be_touched_is_not_looked_at() -> None:
    broken, fine = version("A", use("Z")), version("C", use("B"))
    require_whole([broken, fine, version("B")], "B")
    with pytest.raises(Conflict, match="'A' version 1"):
        require_whole([broken, fine, version("B")], "Z")
    above = version("D", use("A"))
    with pytest.raises(Conflict):
        require_whole([above, version("A", use("Z"), 2)], "Z")


def test_a_chat_that_would_break_is_named_too() -> None:
    says = (ChatMessage(role="system", content="x"), ChatMessage(role="user", content=use("B")))
    chat = structs.replace(version("A", kind="chat"), messages=says)
    require_whole([chat, version("B")], "B")
    with pytest.raises(Conflict, match="'A' version 1"):
        require_whole([chat], "B")


def naively_reaches(
    one: PromptVersion, versions: list[PromptVersion], name: str, seen: frozenset[str]
) -> bool:
    return any(
        ref.name == name
        or any(
            naively_reaches(other, versions, name, seen | {ref.name})
            for other in versions
            if other.name == ref.name and ref.name not in seen
        )
        for ref in refs_in(one)
    )


@settings(max_examples=40)
@given(graphs, st.sampled_from(NAMES))
def test_whoever_names_the_name_or_a_name_that_does_may_reach_it(
    versions: list[PromptVersion], name: str
) -> None:
    expected = [one for one in versions if naively_reaches(one, versions, name, frozenset())]
    assert may_reach(versions, [name]) == expected


@settings(max_examples=40)
@given(graphs, st.sampled_from(NAMES))
def test_what_no_change_of_a_name_can_reach_resolves_as_before(
    versions: list[PromptVersion], name: str
) -> None:
    """Taking all of a name away breaks nothing but what may reach it."""
    reached = {one.id for one in may_reach(versions, [name])}
    left = [one for one in versions if one.name != name]
    for one in left:
        if one.id in reached:
            continue
        ends = []
        for found in (found_in(versions), found_in(left)):
            try:
                ends.append(resolve(one, found).text)
            except Unresolvable as refused:
                ends.append(refused.detail)
        assert ends[0] == ends[1]


def test_dependents_hold_the_text_of_the_name() -> None:
    leaf, old = version("L", "leaf", 2, labels=("x",)), version("L", "old", 1)
    middle, top = version("M", use_label("L", "x")), version("T", use("M"))
    beside, former = version("S", use("M", 2)), version("M", "alone", 2)
    broken = version("X", use("L") + use("Z"))
    stored = [leaf, old, middle, top, beside, former, broken]
    assert dependents(stored, "L") == [middle, top, broken]
    assert dependents(stored, "M") == [top, beside]
    assert dependents(stored, "T") == []
