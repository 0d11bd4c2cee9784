"""What a message means for the tree, and what is refused as a message."""

import json
from typing import Any

import pytest

from twosigma.domain.errors import Invalid
from twosigma.domain.steps import (
    GREETING,
    Free,
    Greeting,
    QuizAnswer,
    Step,
    canonical_text,
    digest_of,
    parse,
)


def step_of(content: object) -> Step:
    return parse(content, has_turns=True, has_greeting=True)[1]


def quiz(question_id: object, answer: object) -> QuizAnswer:
    step = step_of({"questionId": question_id, "answer": answer})
    assert isinstance(step, QuizAnswer)
    return step


def fault_of(content: object) -> tuple[Any, str]:
    with pytest.raises(Invalid) as refused:
        step_of(content)
    (fault,) = refused.value.faults
    return fault.loc, fault.type


@pytest.mark.parametrize("text", ["Start.", "Start. ", "\n Start.\t", "\u3000Start."])
def test_f24_start_is_the_greeting_in_a_new_session_and_in_one_that_has_it(text: str) -> None:
    assert parse(text, has_turns=False, has_greeting=False) == (text, GREETING)
    assert parse(text, has_turns=True, has_greeting=True)[1] is GREETING
    assert parse(text, has_turns=True, has_greeting=False)[1] == Free(text)


@pytest.mark.parametrize(
    "text", ["start.", "Start", "Start..", '"Start."', "Ｓtart.", "Start.\u200b"]
)
def test_f24_what_only_looks_like_the_greeting_is_free(text: str) -> None:
    assert parse(text, has_turns=False, has_greeting=False) == (text, Free(text))


def test_an_answer_before_the_greeting_is_free() -> None:
    sent = {"questionId": 1, "answer": "A"}
    text = '{"questionId":1,"answer":"A"}'
    assert parse(sent, has_turns=False, has_greeting=False) == (
        text,
        Free(text, is_early=True),
    )
    assert parse(text, has_turns=True, has_greeting=False)[1] == Free(text, is_early=True)


def test_the_greeting_is_known_by_the_digest_of_its_text() -> None:
    assert Greeting() == GREETING
    assert canonical_text(GREETING) == "Start."
    assert GREETING.digest == digest_of("Start.")
    assert len(GREETING.digest) == 32


@pytest.mark.parametrize(
    "content",
    [
        {"questionId": 1},
        {"answer": 1},
        {"questionId": 1, "answer": "A", "x": 1},
        {"type": "followup", "questionId": 1, "answer": "A"},
        {"type": "followup", "content": "why?"},
        {},
        {"questionId": 1.0, "answer": "A"},
        {"questionId": True, "answer": "A"},
        {"questionId": None, "answer": "A"},
        {"questionId": 2**63, "answer": "A"},
        {"questionId": "x" * 65, "answer": "A"},
        {"questionId": 1, "answer": None},
        {"questionId": 1, "answer": {"id": "A"}},
        {"questionId": 1, "answer": [["A"]]},
        {"questionId": 1, "answer": [None]},
        {"questionId": 1, "answer": 10**15},
        {"questionId": 1, "answer": -1e15},
        {"questionId": 1, "answer": "x" * 201},
        {"questionId": 1, "answer": ["A"] * 33},
        {"questionId": 1, "answer": "\u0958" * 101},
        {"questionId": 1, "answer": [n * 1e-300 for n in range(32)]},
        {"QuestionId": 1, "answer": "A"},
        '{"questionId": 1.0, "answer": "A"}',
        '{"questionId": 1, "answer": 1e999999}',
        '{"questionId": 1, "answer": ' + "9" * 5000 + "}",
        '{"questionId": ' + "9" * 5000 + ', "answer": 1}',
        '{"questionId": 1, "answer": NaN}',
        '{"questionId": 1, "answer": -Infinity}',
        '{"questionId": 1, "answer": "A"} ok?',
        '[{"questionId": 1, "answer": "A"}]',
        '"{}"',
        "{" * 32,
        '{"a": "' + "[" * 400,
        "Why does this work?",
    ],
)
def test_f24_anything_else_is_free(content: object) -> None:
    text, step = parse(content, has_turns=True, has_greeting=True)
    assert step == Free(text)
    assert canonical_text(step) == text


@pytest.mark.parametrize(
    ("content", "canonical"),
    [
        ('{"answer":"A","questionId":1}', '{"answer":"A","questionId":1}'),
        ('\n{ "questionId" : 1 , "answer" : " A " }\t', '{"answer":"A","questionId":1}'),
        (
            '{"answer":"B","questionId":7,"answer":"A","questionId":1}',
            '{"answer":"A","questionId":1}',
        ),
        ({"questionId": " q ", "answer": True}, '{"answer":true,"questionId":"q"}'),
        (
            {"questionId": -(2**63), "answer": -0.0},
            '{"answer":0,"questionId":-9223372036854775808}',
        ),
        ('{"questionId":-0,"answer":1.50}', '{"answer":1.5,"questionId":0}'),
        ('{"questionId":1,"answer":1E2}', '{"answer":100,"questionId":1}'),
        ('{"questionId":1,"answer":1e-7}', '{"answer":0.0000001,"questionId":1}'),
        (
            {"questionId": 1, "answer": ["b", "a", 1, 1.0, "b "]},
            '{"answer":["a","b",1],"questionId":1}',
        ),
        ({"questionId": 1, "answer": []}, '{"answer":[],"questionId":1}'),
        ({"questionId": 1, "answer": 'e\u0301"'}, '{"answer":"é\\"","questionId":1}'),
        ({"questionId": "x" * 64 + " ", "answer": "\U0001f600"}, None),
        ({"questionId": 1, "answer": ["x" * 200 + " "] * 32}, None),
    ],
)
def test_f24_an_answer_has_one_generic_form(content: object, canonical: str | None) -> None:
    step = step_of(content)
    assert isinstance(step, QuizAnswer)
    assert step.digest == digest_of(step.canonical)
    assert not step.fitted
    assert canonical is None or step.canonical == canonical == canonical_text(step)


def test_f24_a_number_and_its_text_differ_in_the_generic_form() -> None:
    assert quiz(1, 1).digest != quiz(1, "1").digest
    assert quiz(1, 1).digest != quiz("1", 1).digest
    assert quiz(1, 1).digest != quiz(1, True).digest
    assert quiz(1, "A").digest != quiz(1, ["A"]).digest


def test_an_object_is_stored_compact_and_a_text_as_it_was_sent() -> None:
    spaced = '{ "answer": 1.0, "questionId": 1 }'
    assert parse(spaced, has_turns=True, has_greeting=True)[0] == spaced
    sent = {"questionId": 1, "answer": ["é", 1.0]}
    assert (
        parse(sent, has_turns=True, has_greeting=True)[0] == '{"questionId":1,"answer":["é",1.0]}'
    )


def test_only_the_compact_text_of_an_object_counts() -> None:
    padded = '{"questionId": 1,' + " " * 9000 + '"answer": "a  \\" b"}'
    text, step = parse(padded, has_turns=True, has_greeting=True)
    assert text == '{"questionId":1,"answer":"a  \\" b"}'
    assert isinstance(step, QuizAnswer)
    assert fault_of('{"a": "' + " " * 8000 + '"}')[1] == "value_error.any_str.max_length"


@pytest.mark.parametrize("content", ["x", "x" * 8000, "\U0001f600" * 8000, {"a": "x" * 7992}])
def test_eight_thousand_characters_are_enough(content: object) -> None:
    assert isinstance(step_of(content), Free)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("", "value_error.any_str.min_length"),
        (" \n\u3000", "value_error.any_str.min_length"),
        ("x" * 8001, "value_error.any_str.max_length"),
        ({"a": "x" * 7993}, "value_error.any_str.max_length"),
        (None, "type_error.str"),
        (5, "type_error.str"),
        (["Start."], "type_error.str"),
        ({"a": float("nan")}, "value_error"),
        ({"a": 10**5000}, "value_error"),
        ({"a": object()}, "value_error"),
    ],
)
def test_content_outside_of_its_limits_is_refused(content: object, kind: str) -> None:
    assert fault_of(content) == (("body", "content"), kind)


@pytest.mark.parametrize(
    "content",
    [
        "a\0b",
        "\ud800",
        {"a": "\0"},
        {"\udfff": 1},
        {"a": [{"b": ["\ud800"]}]},
        '{"a": "\\u0000"}',
        '{"questionId": 1, "answer": "\\ud800"}',
        '{"\\u0000": 1}',
    ],
)
def test_f08_f09_nul_and_lone_surrogates_are_refused_inside_objects_too(content: object) -> None:
    assert fault_of(content) == (("body", "content"), "value_error")


def test_f09_a_surrogate_pair_spelled_by_escapes_is_a_character() -> None:
    assert (
        quiz_text('{"questionId":1,"answer":"\\ud83d\\ude00"}') == quiz(1, "\U0001f600").canonical
    )


def quiz_text(content: str) -> str:
    return canonical_text(step_of(content))


def test_f02_objects_nest_32_deep_and_no_deeper() -> None:
    deep: Any = {}
    for _ in range(31):
        deep = {"a": deep}
    assert isinstance(step_of(deep), Free)
    assert isinstance(step_of(json.dumps(deep)), Free)
    for content in ({"a": deep}, json.dumps({"a": deep}), '{"a":' + "[" * 3900, "{" * 33):
        assert fault_of(content)[1] == "value_error"
    assert isinstance(step_of("[" * 8000), Free)
