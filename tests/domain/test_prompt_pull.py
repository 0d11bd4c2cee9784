"""Prompts of another Langfuse: what is served comes back the same, and what does not fit
is told, all of it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.domain.prompt_versions import NOW, use, use_label, version, versions
from twosigma.domain.errors import Invalid
from twosigma.domain.prompt_pull import Pulled, incoming, labeled
from twosigma.domain.prompts import NewPromptVersion, PromptVersion


def served(one: PromptVersion) -> Pulled:
    """The version as Langfuse's API tells it, read as JSON."""
    told = {
        "id": "x", "name": one.name, "version": one.version, "type": one.type,
        "prompt": one.prompt if one.type == "text" else one.messages, "config": one.config,
        "labels": one.labels, "tags": one.tags, "commitMessage": one.commit_message,
        "resolutionGraph": None, "createdBy": "API",
    }  # fmt: skip
    return msgspec.json.decode(msgspec.json.encode(told), type=Pulled)


def pulled(**fields: Any) -> Pulled:
    return Pulled(**{"name": "A/b", "version": 3, "prompt": "Hi", **fields})


def kept(one: Pulled) -> NewPromptVersion:
    return incoming(one, "ada", NOW).new


def faults(one: Pulled) -> list[str]:
    with pytest.raises(Invalid) as refused:
        incoming(one, "ada", NOW)
    assert {fault.loc[0] for fault in refused.value.faults} == {one.source}
    return [".".join(map(str, fault.loc[1:])) for fault in refused.value.faults]


@given(versions())
def test_what_is_served_comes_back_the_same(one: PromptVersion) -> None:
    new = kept(served(one))
    for key in ("name", "version", "type", "prompt", "messages", "tags", "commit_message"):
        assert getattr(new, key) == getattr(one, key)
    assert json.dumps(new.config) == json.dumps(one.config)
    assert new.labels == tuple(label for label in one.labels if label != "latest")
    assert (new.created_by, new.created_at) == ("ada", NOW)


@given(
    st.builds(
        pulled,
        prompt=st.recursive(
            st.none() | st.integers() | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["role", "content", "type"]), inner, max_size=3)
            ),
        ),
        name=st.text(max_size=5),
        type=st.sampled_from(["text", "chat", "video", None, 1]),
        config=st.none() | st.lists(st.none()) | st.just({}),
        labels=st.lists(st.text(max_size=3), max_size=2).map(tuple),
        version=st.integers(),
    )
)
def test_whatever_comes_is_kept_as_it_is_or_told(one: Pulled) -> None:
    try:
        new = kept(one)
    except Invalid:
        assert faults(one)
    else:
        assert (new.name, new.version, new.type) == (one.name, one.version, one.type)
        assert new.prompt == one.prompt or new.messages


def test_keys_of_messages_that_we_do_not_know_are_dropped_and_null_is_no_config() -> None:
    sent = [
        {"type": "chatmessage", "role": "user", "content": "Hi", "x": 1},
        {"type": "placeholder", "name": "past", "role": "y"},
    ]
    new = kept(pulled(type="chat", prompt=sent, config=None))
    assert list(msgspec.to_builtins(new.messages)) == [
        {"type": "chatmessage", "role": "user", "content": "Hi"},
        {"type": "placeholder", "name": "past"},
    ]
    assert new.config == {}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"resolution_graph": {"root": {}}}, ["prompt"]),
        ({"type": "video"}, ["type"]),
        ({"config": []}, ["config"]),
        ({"config": 3, "version": 0, "type": None}, ["version", "type", "config"]),
        ({"version": 1_000_000}, ["version"]),
        ({"name": " A"}, ["name"]),
        ({"name": "a//b", "labels": ("Ä",), "tags": ("",)}, ["name", "labels.0", "tags.0"]),
        ({"name": "metrics"}, ["name"]),
        ({"prompt": "x" * 100_001}, ["prompt"]),
        ({"prompt": ""}, ["prompt"]),
        ({"prompt": [{"role": "user", "content": "x"}]}, ["prompt"]),
        ({"prompt": {"a": 1}}, ["prompt"]),
        ({"prompt": None, "type": "chat"}, ["prompt.0.role", "prompt.0.content"]),
        ({"prompt": "x", "type": "chat"}, ["prompt"]),
        ({"prompt": ["x"], "type": "chat"}, ["prompt.0.role", "prompt.0.content"]),
        ({"prompt": [{"type": "placeholder", "name": "1"}], "type": "chat"}, ["prompt.0.name"]),
        (
            {
                "type": "chat",
                "prompt": [
                    {"role": "user", "content": "{{x}}"},
                    {"type": "placeholder", "name": "x"},
                ],
            },
            ["prompt"],
        ),
        ({"commit_message": "x" * 501}, ["commit_message"]),
    ],
)
def test_all_that_does_not_fit_is_told_with_its_field(
    fields: dict[str, Any], wanted: list[str]
) -> None:
    assert faults(pulled(**fields)) == wanted


@pytest.mark.parametrize("name", [" A", "a|b", "metrics", "x" * 256])
def test_a_name_that_cannot_be_had_is_to_be_changed_there(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        incoming(pulled(name=name), "ada", NOW)
    assert all(fault.msg.endswith(": rename the prompt there") for fault in refused.value.faults)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("Ä/b c%", "Ä/b c% version 3"),
        ("a\x1b[2J\n", "a\\x1b[2J\\n version 3"),
        ("a\u202e\\u202e", "a\\u202e\\\\u202e version 3"),
    ],
)
def test_what_a_version_is_called_does_nothing_to_a_terminal(name: str, source: str) -> None:
    assert pulled(name=name).source == source


def test_only_what_bears_a_label_and_what_this_refers_to() -> None:
    chain = [
        version("A", use("B", 1), 1, labels=("production", "latest")),
        version("B", use_label("C", "x"), 1),
        version("B", "newer", 2),
        version("C", use("No", 1), 1, labels=("x",)),
        version("D", "x", 1),
        version("E", use("D", 1), 1),
        version("F", use("E", 1) + use("F2", 1), 1, labels=("latest",), kind="chat"),
        version("F2", use("F", 1), 1),
    ]
    found = [served(one) for one in chain] + [pulled(name="Odd", labels=("x",), prompt=[1, {}])]
    names = [(one.name, one.version) for one in labeled(found)]
    assert names == [
        ("A", 1), ("B", 1), ("C", 1), ("D", 1), ("E", 1), ("F", 1), ("F2", 1), ("Odd", 3),
    ]  # fmt: skip


def test_a_struct_as_ours_is_read_from_the_bare_minimum() -> None:
    one = msgspec.json.decode(b'{"name":"A","version":1,"prompt":"x","extra":[]}', type=Pulled)
    assert structs.replace(one, type="text") == Pulled(name="A", version=1, prompt="x")
