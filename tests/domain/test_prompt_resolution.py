"""Resolution of prompts, against a resolver that only follows the rules word by word."""

import time
from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.domain.prompt_versions import found_in, use, use_label, version
from twosigma.domain.chat_prompts import ChatMessage, Part, Placeholder
from twosigma.domain.errors import Conflict
from twosigma.domain.prompt_refs import Ref, parse_body, refs_of
from twosigma.domain.prompt_resolution import MAX_RESOLVED_BYTES, Unresolvable, resolve
from twosigma.domain.prompts import PromptVersion, refs_in, texts_of

OPENING = "@@@langfusePrompt:"


def text_of(root: PromptVersion, *others: PromptVersion) -> str:
    return resolve(root, found_in([root, *others])).text


def refusal(root: PromptVersion, *others: PromptVersion) -> str:
    with pytest.raises(Unresolvable) as refused:
        text_of(root, *others)
    assert isinstance(refused.value, Conflict)
    assert refused.value.code == "prompt_unresolvable"
    return refused.value.detail


def chain(length: int) -> list[PromptVersion]:
    """P0 names P1 names … P<length-1>."""
    last = version(f"P{length - 1}", "end")
    return [version(f"P{n}", f"{n} {use(f'P{n + 1}')}") for n in range(length - 1)] + [last]


def test_a_prompt_without_dependencies_is_its_own_text() -> None:
    root = version("A", "Teach {{title}}. @@@langfusePrompt:name=@@@")
    resolved = resolve(root, {})
    assert (resolved.text, resolved.graph) == (root.prompt, {})


def test_dependencies_are_inlined_by_version_and_by_label() -> None:
    root = version("A", f"<{use('B', 2)}|{use_label('C', 'production')}>")
    b, c = version("B", f"b({use('D')})", 2), version("C", "c", 7, labels=("production",))
    d = version("D", " d\r\n")
    resolved = resolve(root, found_in([b, c, d]))
    assert resolved.text == "<b( d\r\n)|c>"
    assert resolved.graph == {root.id: (b, c), b.id: (d,)}


def test_a_shared_child_is_listed_once() -> None:
    leaf = version("L", "x")
    left, right = version("B", use("L")), version("C", use("L") + use("L"))
    root = version("A", use("B") + use("C") + use("B") + use_label("B", "x"))
    found = found_in([left, right, leaf]) | {Ref(name="B", label="x"): left}
    resolved = resolve(root, found)
    assert resolved.text == "xxxxx"
    assert resolved.graph == {root.id: (left, right), left.id: (leaf,), right.id: (leaf,)}


@pytest.mark.parametrize("inserted", [r"\1 \g<0>", "$1", "{{x}}", "@@@", " \r\n", '"'])
def test_f23_a_child_s_text_is_put_in_literally(inserted: str) -> None:
    assert text_of(version("A", f"<{use('B')}>"), version("B", inserted)) == f"<{inserted}>"


def test_f23_tags_that_inlining_makes_are_not_tags() -> None:
    halves = version("B", "@@@langfusePrompt:name=C|ver")
    root = version("A", use("B") + "sion=1@@@")
    assert text_of(root, halves) == "@@@langfusePrompt:name=C|version=1@@@"


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
def test_f22_a_chain_of_up_to_5_prompts_resolves(length: int) -> None:
    root, *others = chain(length)
    expected = " ".join([*map(str, range(length - 1)), "end"])
    assert text_of(root, *others) == expected


@pytest.mark.parametrize("length", [6, 7, 200])
def test_f22_a_longer_chain_is_refused(length: int) -> None:
    root, *others = chain(length)
    assert refusal(root, *others) == "The dependencies of 'P0' are nested deeper than 5"


def test_f22_the_longest_path_counts_also_below_a_child_that_was_met_higher_up() -> None:
    c, d, e = version("C", use("D")), version("D", use("E")), version("E", "e")
    fits = version("A", use("C") + use("B"))
    assert text_of(fits, version("B", use("C")), c, d, e) == "ee"
    deep = version("B", use("X"))
    assert "nested deeper" in refusal(fits, deep, version("X", use("C")), c, d, e)


@pytest.mark.parametrize("length", range(2, 11))
def test_f22_a_cycle_is_refused(length: int) -> None:
    ring = [version(f"P{n}", use(f"P{(n + 1) % length}")) for n in range(length)]
    assert refusal(ring[0], *ring[1:])
    if length < 5:
        outside = version("A", use("P0"))
        told = refusal(outside, *ring)
        assert "circle: 'A' → 'P0' → 'P1'" in told
        assert told.endswith("→ 'P0'")


@pytest.mark.parametrize("tag", [use("A", 1), use("A", 2), use_label("A", "latest")])
def test_f22_a_prompt_may_not_reach_any_version_of_its_own_name(tag: str) -> None:
    root, old = version("A", tag, 2, labels=("latest",)), version("A", "old", 1)
    assert "circle: 'A' → 'A'" in refusal(root, old)
    through = version("B", tag)
    assert "circle" in refusal(version("A", use("B"), 2, labels=("latest",)), old, through)


def test_f22_two_versions_of_a_child_on_one_path_are_no_cycle() -> None:
    new, old = version("B", f"new {use('B', 1)}", 2), version("B", "old", 1)
    assert text_of(version("A", use("B", 2)), new, old) == "new old"


@pytest.mark.parametrize("tag", [use("Z"), use("B", 2), use_label("B", "production")])
def test_f22_a_missing_dependency_is_refused_by_name(tag: str) -> None:
    (ref,) = refs_of(tag)
    assert refusal(version("A", tag), version("B", "b")) == f"The prompt {ref} does not exist"


def test_f22_a_chat_prompt_is_no_dependency() -> None:
    told = refusal(version("A", use("B")), version("B", "[]", kind="chat"))
    assert told == "The prompt 'B' (version 1) is not a text prompt"


@pytest.mark.parametrize("leaf", ["x", "x" * 100])
def test_f22_fan_out_ends_within_a_second(leaf: str) -> None:
    """10 × 10 × 10 × 10 tags, each of another label."""
    names = "ABCDE"
    levels = [
        version(name, "".join(use_label(below, f"l{n}") for n in range(10)))
        for name, below in pairwise(names)
    ]
    levels.append(version("E", leaf))
    found = {Ref(name=one.name, label=f"l{n}"): one for one in levels for n in range(10)}
    began = time.monotonic()
    if len(leaf) * 10**4 <= MAX_RESOLVED_BYTES:
        assert resolve(levels[0], found).text == leaf * 10**4
    else:
        with pytest.raises(Unresolvable, match="too long"):
            resolve(levels[0], found)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(("letter", "size"), [("x", 1), ("é", 2), ("👩", 4)])
def test_the_resolved_text_has_at_most_256_kib(letter: str, size: int) -> None:
    half = version("B", letter * (MAX_RESOLVED_BYTES // size // 2))
    assert text_of(version("A", use("B") * 2), half) == half.prompt * 2
    told = refusal(version("A", use("B") * 2 + "!"), half)
    assert told == "The resolved text of 'A' is too long"
    assert "too long" in refusal(version("A", use("B") * 3), half)


def test_tags_do_not_count_towards_the_size() -> None:
    root = version("A", use("B") * 3000)
    assert len(root.prompt) + 3000 * 60 > MAX_RESOLVED_BYTES
    assert text_of(root, version("B", "y" * 60)) == "y" * 180_000


def said(parts: tuple[Part, ...]) -> list[str]:
    return [part.content for part in parts if isinstance(part, ChatMessage)]


class Refused(Exception):
    """The naive resolver found a fault."""


def naive(
    prompt: PromptVersion, found: Mapping[Ref, PromptVersion], path: tuple[PromptVersion, ...]
) -> str:
    """The rules of resolution, one after another, with no memory and no regular expression."""
    if len(path) > 5:
        raise Refused
    text, rest = "", "".join(texts_of(prompt))
    while OPENING in rest:
        before, _, after = rest.partition(OPENING)
        body, closing, rest_after = after.partition("@@@")
        if not closing:
            break
        ref, rest = parse_body(body), rest_after
        text += before
        if ref is None:
            text += OPENING + body + closing
            continue
        child = found.get(ref)
        if child is None or child.type != "text" or child.name == path[0].name or child in path:
            raise Refused
        text += naive(child, found, (*path, child))
    return text + rest


NAMES = "ABCDEF"
literals = st.sampled_from(
    ["t", r"\1", "$1", "{{x}}", "@@@", OPENING, OPENING + "name=Z@@@", "\n", use("B")[:-3]]
)


def tags_to(names: str) -> st.SearchStrategy[str]:
    tags = [tag for one in names for tag in (use(one), use(one, 2), use_label(one, "x"))]
    return st.one_of(st.sampled_from(tags), literals) if tags else literals


# Forward references alone, so that some graphs resolve; and any, for cycles.
forward = [st.lists(tags_to(NAMES[at + 1 : at + 4]), max_size=3) for at in range(len(NAMES))]
anywhere = [st.lists(tags_to(NAMES), max_size=3)] * len(NAMES)
graph_texts = st.one_of(*(st.tuples(*texts, *texts) for texts in (forward, forward, anywhere)))


def graph(texts: tuple[list[str], ...], chat: int, missing: int) -> list[PromptVersion]:
    """Each name in two versions, but for one that is a chat and one that is not there."""
    listed = [
        version(
            NAMES[at % len(NAMES)], "".join(parts), 1 + at // len(NAMES),
            labels=("x",) if at < len(NAMES) else (), kind="chat" if at == chat else "text",
        )
        for at, parts in enumerate(texts)
    ]  # fmt: skip
    return [one for at, one in enumerate(listed) if at != missing or at == 0]


graphs = st.builds(graph, graph_texts, st.integers(1, 60), st.integers(1, 60))


@settings(max_examples=80)
@given(graphs)
def test_f22_every_graph_resolves_as_the_rules_say_or_is_refused(
    versions: list[PromptVersion],
) -> None:
    found = found_in(versions)
    for root in versions[:3]:
        try:
            expected = naive(root, found, (root,))
        except Refused:
            with pytest.raises(Unresolvable):
                resolve(root, found)
            continue
        resolved = resolve(root, found)
        assert resolved.text + "".join(said(resolved.messages)) == expected
        reached = [root, *(child for children in resolved.graph.values() for child in children)]
        for prompt in reached:
            direct = [found[ref] for ref in refs_in(prompt)]
            assert resolved.graph.get(prompt.id, ()) == tuple(
                {child.id: child for child in direct}.values()
            )


def test_a_chat_resolves_message_by_message_and_is_as_long_as_all_together() -> None:
    child = version("B", "[b]")
    parts = (
        ChatMessage(role="system", content=f"a {use('B')}"), Placeholder(name="rest"),
        ChatMessage(role="user", content=f"{use('B')}{use('B')}"),
    )  # fmt: skip
    root = structs.replace(version("A", kind="chat"), messages=parts)
    resolved = resolve(root, found_in([child]))
    assert resolved.messages == (
        ChatMessage(role="system", content="a [b]"), Placeholder(name="rest"),
        ChatMessage(role="user", content="[b][b]"),
    )  # fmt: skip
    assert (resolved.text, resolved.graph) == ("", {root.id: (child,)})
    third = version("B", "x" * (MAX_RESOLVED_BYTES // 3))
    assert resolve(root, found_in([structs.replace(third, prompt=third.prompt[1:])])).messages
    with pytest.raises(Unresolvable, match="too long"):
        resolve(root, found_in([third]))
