"""The fingerprint: everything that is sent to the model is in it, and nothing else matters."""

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs

from tests import strategies as some
from twosigma.domain.context import (
    PARTS,
    PERSONAL_VARIABLES,
    Stamp,
    changed_parts,
    fingerprint,
    part_digests,
    personal_variables,
    settings_digest,
)
from twosigma.domain.llm import Context

PART_OF = {
    "content_item_id": "content_item",
    "content_revision": "content",
    "prompt_version_id": "prompt_version",
    "system": "prompt",
    "material": "material",
    "model": "model",
    "parameters": "model",
    "locale": "locale",
}


def variants(value: Any) -> Iterator[Any]:
    """The value with one thing changed, at each place of it in turn."""
    if isinstance(value, Struct):
        for name in value.__struct_fields__:
            for other in variants(getattr(value, name)):
                yield structs.replace(value, **{name: other})
    elif isinstance(value, Mapping):
        yield {**value, "another": 1}
        for key in value:
            yield {name: one for name, one in value.items() if name != key}
            yield from ({**value, key: other} for other in variants(value[key]))
    elif isinstance(value, tuple):
        yield (*value, "another")
        for at, member in enumerate(value):
            yield value[:at] + value[at + 1 :]
            yield from ((*value[:at], other, *value[at + 1 :]) for other in variants(member))
    else:
        yield from [value + " ", value + "x"] if isinstance(value, str) else [value + 1, str(value)]


@settings(max_examples=25)
@given(some.contexts)
def test_any_change_changes_the_fingerprint_and_the_digest_of_its_part_alone(
    context: Context,
) -> None:
    marks, digests = {fingerprint(context)}, part_digests(context)
    assert tuple(digests) == PARTS
    for name, part in PART_OF.items():
        for other in variants(getattr(context, name)):
            changed = structs.replace(context, **{name: other})
            assert fingerprint(changed) not in marks
            now = part_digests(changed)
            assert [one for one in PARTS if digests[one] != now[one]] == [part]
            assert changed_parts(digests, now) == (part,)


def test_every_field_of_a_context_is_in_a_part() -> None:
    assert set(PART_OF) == set(Context.__struct_fields__)
    assert set(PART_OF.values()) == set(PARTS)


@settings(max_examples=50)
@given(some.contexts, some.contexts)
def test_contexts_share_a_tree_if_and_only_if_they_are_equal(one: Context, two: Context) -> None:
    assert (fingerprint(one) == fingerprint(two)) == (one == two)
    assert len(fingerprint(one)) == 32


@settings(max_examples=50)
@given(some.contexts, st.randoms(use_true_random=False))
def test_the_order_of_parameters_does_not_matter(context: Context, random: Any) -> None:
    names = list(context.parameters)
    random.shuffle(names)
    shuffled = {name: context.parameters[name] for name in names}
    same = structs.replace(context, parameters=shuffled)
    assert fingerprint(same) == fingerprint(context)
    assert part_digests(same) == part_digests(context)
    assert settings_digest("m", shuffled) == settings_digest("m", context.parameters)


def test_a_new_version_names_itself_and_not_its_text_too() -> None:
    before = dict.fromkeys(PARTS, "a")
    assert changed_parts(before, before) == ()
    both = {**before, "prompt_version": "b", "prompt": "b", "content": "b", "material": "b"}
    assert changed_parts(before, both) == ("content", "prompt_version")
    texts_alone = {**before, "prompt": "b", "material": "b"}
    assert changed_parts(before, texts_alone) == ("prompt", "material")
    assert changed_parts({}, before) == (
        "content_item", "content", "prompt_version", "model", "locale",
    )  # fmt: skip


def test_the_digest_of_a_process_s_settings_holds_all_of_them() -> None:
    digests = {
        settings_digest("m", {}),
        settings_digest("n", {}),
        settings_digest("m", {"temperature": 0.5}),
        settings_digest("m", {"temperature": "0.5"}),
        settings_digest("m", {}, "extra"),
        settings_digest("", {}, "m"),
    }
    assert len(digests) == 6
    assert {len(digest) for digest in digests} == {32}


def test_a_stamp_is_equal_only_where_both_epochs_and_the_settings_are() -> None:
    stamp = Stamp(platform=1, course=2, settings="s")
    assert stamp == Stamp(platform=1, course=2, settings="s")
    for name, value in (("platform", 2), ("course", 1), ("settings", "t")):
        assert structs.replace(stamp, **{name: value}) != stamp


def test_personal_variables_are_told_in_the_order_of_the_prompt() -> None:
    assert {"user_name", "time_zone"} == PERSONAL_VARIABLES
    assert personal_variables(("title", "time_zone", "locale", "user_name")) == (
        "time_zone", "user_name",
    )  # fmt: skip
    assert personal_variables(("title", "user_names", "User_name")) == ()
