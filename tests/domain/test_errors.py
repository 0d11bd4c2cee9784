"""Errors carry a text for people and a stable word for programs."""

import pytest

from twosigma.domain import errors
from twosigma.domain.errors import DomainError, Fault, Invalid, invalid
from twosigma.domain.llm import ModelRefused
from twosigma.domain.users import Credentials


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Unauthenticated", "unauthenticated"), ("Forbidden", "forbidden"),
        ("Missing", "not_found"), ("Conflict", "conflict"), ("TooMany", "rate_limited"),
        ("Unavailable", "unavailable"), ("DomainError", "error"),
    ],
)  # fmt: skip
def test_each_error_has_its_word_and_may_be_given_another(name: str, code: str) -> None:
    kind: type[DomainError] = getattr(errors, name)
    plain, other = kind("Why"), kind("Why", code="session_busy", retry_after=1)
    assert (plain.detail, str(plain), plain.code, plain.retry_after) == ("Why", "Why", code, None)
    assert (other.code, other.retry_after) == ("session_busy", 1)
    assert kind("Why").code == code


def test_an_invalid_input_tells_all_its_faults() -> None:
    faults = [Fault(("body", "a", 0), "one", "value_error"), Fault(("query", "b"), "two", "x")]
    refused = Invalid(iter(faults))
    assert refused.faults == tuple(faults)
    assert (refused.detail, refused.code) == ("body.a.0: one; query.b: two", "validation_error")


def test_one_fault_is_in_the_body_unless_its_whole_path_is_given() -> None:
    assert invalid("a", "m").faults == (Fault(("body", "a"), "m", "value_error"),)
    assert invalid(("path", "id"), "m", "k").faults == (Fault(("path", "id"), "m", "k"),)


def test_a_model_s_refusal_says_whether_another_try_may_help() -> None:
    once, again = ModelRefused("400"), ModelRefused("429", retryable=True)
    assert (once.detail, once.retryable, str(again), again.retryable) == ("400", False, "429", True)


def test_credentials_never_show_their_hash() -> None:
    kept = Credentials(user_id=7, password_hash="$2b$secret", is_active=True)
    assert repr(kept) == "Credentials(user_id=7)"
