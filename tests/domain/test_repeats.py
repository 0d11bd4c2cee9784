"""Idempotency-Keys: what is one, how long it lives, what it is answered with."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.errors import Conflict, Invalid
from twosigma.domain.repeats import (
    LIFE,
    PATIENCE,
    Answer,
    Kept,
    Request,
    is_over,
    replay,
    require_key,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
REQUEST = Request(user_id=7, key="k", digest=b"d" * 32)
ANSWER = Answer(status=201, headers=(), body=b"secret")
KEPT = Kept(request_digest=REQUEST.digest, created_at=NOW, answer=ANSWER)


@pytest.mark.parametrize("key", ["a", "b3c1-a0de", "x" * 128, "é"])
def test_a_key_is_any_short_text(key: str) -> None:
    assert require_key(key) == key


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("", "value_error.any_str.min_length"), ("x" * 129, "value_error.any_str.max_length"),
        ("a\x00", "value_error"), ("a\r\nX: y", "value_error"), ("\x7f", "value_error"),
    ],
)  # fmt: skip
def test_f21_anything_else_is_none(key: str, kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_key(key)
    assert [(f.loc, f.type) for f in refused.value.faults] == [
        (("header", "Idempotency-Key"), kind)
    ]


def test_a_key_lives_for_a_day() -> None:
    assert not is_over(KEPT, NOW + LIFE)
    assert is_over(KEPT, NOW + LIFE + timedelta(microseconds=1))


def test_the_same_request_gets_its_answer_again() -> None:
    assert replay(KEPT, REQUEST, NOW + LIFE) == ANSWER


@given(st.binary(min_size=32, max_size=32).filter(lambda digest: digest != REQUEST.digest))
def test_another_request_is_refused_whatever_was_kept(digest: bytes) -> None:
    other = structs.replace(REQUEST, digest=digest)
    for kept in (KEPT, structs.replace(KEPT, answer=None)):
        with pytest.raises(Conflict) as refused:
            replay(kept, other, NOW)
        assert refused.value.code == "idempotency_key_reused"


def test_an_answer_is_waited_for_and_then_lost() -> None:
    done = structs.replace(KEPT, answer=None)
    assert replay(done, REQUEST, NOW + PATIENCE - timedelta(seconds=1)) is None
    with pytest.raises(Conflict) as refused:
        replay(done, REQUEST, NOW + PATIENCE)
    assert refused.value.code == "answer_lost"


def test_an_answer_is_not_shown_by_accident() -> None:
    assert repr(ANSWER) == "Answer(201)"
