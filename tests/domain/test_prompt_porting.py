"""What files of prompts become here: what is new, what is known, what cannot be."""

from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.domain.prompt_versions import NOW, use, use_label, version
from twosigma.domain.errors import Invalid
from twosigma.domain.prompt_files import PromptFile, folders, read, written
from twosigma.domain.prompt_incoming import Incoming
from twosigma.domain.prompt_porting import (
    MAX_FAULTS,
    Plan,
    current,
    planned,
    read_all,
    require_sound,
)
from twosigma.domain.prompts import PromptVersion

SETS = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(1, 6), st.sampled_from(["x", "y", "z"])),
    unique_by=lambda one: one[:2],
    max_size=8,
).map(lambda many: [version(name, text, number) for name, number, text in sorted(many)])


def taken(files: Iterable[PromptFile]) -> list[Incoming]:
    return read_all(files, lambda file: read(file, "ada", NOW))


def filed(versions: list[PromptVersion]) -> list[Incoming]:
    places = folders({one.name for one in versions})
    return taken(written(one, places[one.name]) for one in versions)


def file(path: str, fields: str, text: str = "Hi") -> PromptFile:
    return PromptFile(path=path, data=f"---\n{fields}\n---\n{text}\n".encode())


def faults_of(*files: PromptFile) -> list[tuple[object, ...]]:
    with pytest.raises(Invalid) as refused:
        taken(files)
    return [(*fault.loc, fault.msg) for fault in refused.value.faults]


@given(SETS, st.randoms())
def test_files_come_in_any_order_and_are_read_by_name_and_number(
    versions: list[PromptVersion], random: Random
) -> None:
    files = [written(one, one.name) for one in versions]
    random.shuffle(files)
    found = taken(files)
    assert [(one.new.name, one.new.version) for one in found] == [
        (one.name, one.version) for one in versions
    ]


def test_the_faults_of_all_files_are_told() -> None:
    bad = file("b/1.md", '{"name": ""}')
    broken = PromptFile(path="c/1.md", data=b"")
    good = file("a/1.md", '{"name": "A"}')
    assert [fault[:2] for fault in faults_of(bad, broken, good)] == [("b/1.md", 2), ("c/1.md", 1)]


def test_two_files_cannot_be_one_version_nor_bear_one_label() -> None:
    one = file("a/1.md", '{"name": "A", "labels": ["x"]}')
    other = file("b/1.md", '{"name": "A", "labels": ["x"]}')
    elsewhere = file("c/1.md", '{"name": "B", "labels": ["x"]}')
    assert faults_of(one, other, elsewhere) == [
        ("b/1.md", 4, "version 1 of 'A' is in a/1.md too"),
        ("b/1.md", 4, "the label 'x' of 'A' is in a/1.md too"),
    ]


@given(SETS)
def test_an_empty_place_takes_all_and_then_knows_all(versions: list[PromptVersion]) -> None:
    files = filed(versions)
    assert planned(files, []) == Plan(new=tuple(files), known=())
    again = planned(files, versions)
    assert again.new == ()
    assert [here for _, here in again.known] == versions


@given(SETS, SETS)
def test_each_version_here_accounts_for_one_file_that_says_the_same(
    theirs: list[PromptVersion], ours: list[PromptVersion]
) -> None:
    files = filed(theirs)
    plan = planned(files, ours)
    assert sorted([*plan.new, *(one for one, _ in plan.known)], key=files.index) == files
    taken = [(here.name, here.version) for _, here in plan.known]
    assert len(set(taken)) == len(taken)
    for one, here in plan.known:
        assert (one.new.name, one.new.prompt) == (here.name, here.prompt)
    for one in plan.new:
        left = [each for each in ours if (each.name, each.version) not in taken]
        assert not any((each.name, each.prompt) == (one.new.name, one.new.prompt) for each in left)


@pytest.mark.parametrize(
    "change",
    [{"prompt": "y"}, {"config": {"a": 1}}, {"commit_message": "m"}, {"name": "B", "id": 9}],
)
def test_what_differs_in_anything_said_is_new(change: dict[str, object]) -> None:
    (one,) = filed([version("A", "x")])
    assert planned([one], [structs.replace(version("A", "x"), **change)]).new == (one,)


def test_labels_and_tags_make_nothing_new() -> None:
    (one,) = filed([version("A", "x", labels=("a",))])
    here = structs.replace(version("A", "x", 4, labels=("b",)), tags=("t",))
    assert planned([one], [here]) == Plan(new=(), known=((one, here),))


def test_in_a_config_1_is_not_true() -> None:
    (one,) = filed([structs.replace(version("A", "x"), config={"a": 1})])
    assert planned([one], [structs.replace(version("A", "x"), config={"a": True})]).new == (one,)


def test_versions_of_a_name_are_of_one_type() -> None:
    text, chat = version("A", "x"), version("A", "x", 2, kind="chat")
    for files, here, path in (
        (filed([text, chat]), [], "A/2.md"),
        (filed([text]), [chat], "A/1.md"),
    ):
        with pytest.raises(Invalid, match="are of type") as refused:
            planned(files, here)
        assert [fault.loc[0] for fault in refused.value.faults] == [path]


def test_current_is_what_bears_a_label_and_what_that_refers_to() -> None:
    versions = [
        version("A", use("B", 1) + use_label("C", "x"), labels=("latest",)),
        version("B", use("B", 7), 1),
        version("B", "", 2),
        version("B", use("B", 2) + use("B", 1), 3, labels=("latest",)),
        version("C", "", 1, labels=("x",)),
        version("C", "", 2),
        version("C", "", 3, labels=("latest",)),
    ]
    assert current(versions) == [versions[at] for at in (0, 1, 2, 3, 4, 6)]
    assert current([]) == []


def soundness(new: list[PromptVersion], here: list[PromptVersion], known: bool = False) -> None:
    """As if these had been added beside those, with the numbers that `here` does not have."""
    files = filed(new)
    plan = planned(files, here if known else [])
    taken = {(one.name, one.version) for one in here}
    added = {}
    for one in plan.new:
        number = one.new.version
        while (one.new.name, number) in taken:
            number += 1
        taken.add((one.new.name, number))
        added[one.source] = version(one.new.name, one.new.prompt, number)
    require_sound(plan, added, [*here, *added.values()])


def test_references_among_new_versions_resolve_in_any_order() -> None:
    soundness([version("A", use("B", 3)), version("B", "x", 3)], [])
    soundness([version("A", use("B", 1))], [version("B")])
    soundness([version("A", use("B", 1)), version("B", "x")], [version("B", "x")], known=True)


@pytest.mark.parametrize(
    ("new", "here", "known", "msg"),
    [
        ([version("A", use("B", 2))], [version("B")], False, "does not exist"),
        ([version("A", use("B")), version("B", use("A"))], [], False, "in a circle"),
        ([version("A", use("B")), version("B", "x")], [version("B", "y")], False,
         "it pins version 1 of 'B', which has the number 2 here"),
        ([version("A", use("B")), version("B", "x")],
         [version("B", "y"), version("B", "x", 2)], True,
         "it pins version 1 of 'B', which has the number 2 here"),
    ],
)  # fmt: skip
def test_what_does_not_resolve_or_would_pin_another_is_told_with_its_file(
    new: list[PromptVersion], here: list[PromptVersion], known: bool, msg: str
) -> None:
    with pytest.raises(Invalid) as refused:
        soundness(new, here, known)
    assert {fault.loc for fault in refused.value.faults} <= {("A/1.md", 11), ("B/1.md", 11)}
    assert msg in refused.value.faults[0].msg


def test_of_very_many_faults_the_first_are_told() -> None:
    many = [file(f"{at}/1.md", '{"name": "A"}') for at in range(MAX_FAULTS + 5)]
    told = faults_of(*many)
    assert len(told) == MAX_FAULTS + 1
    assert told[-1][1:] == (4, "There are more faults than are told")
    assert len(faults_of(*many[: MAX_FAULTS + 1])) == MAX_FAULTS
