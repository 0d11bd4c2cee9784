"""AWS credentials: what they look like, and what may be told of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.credentials import (
    Ambient,
    AwsKeys,
    CredentialsTest,
    Probe,
    SealedKeys,
    Source,
    StoredCredentials,
    aws_region,
    checked_keys,
    place_of,
    secrets_of,
    status_of,
    trial_of,
)
from twosigma.domain.errors import Invalid

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEYS = AwsKeys(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="s" * 40)
SEALED = SealedKeys(access_key_id="1", secret_access_key="2", session_token="3")
STORED = StoredCredentials(
    id="c1", sealed=SEALED, access_key_last4="MPLE", aws_region="eu-west-1", updated_at=NOW,
    updated_by=7,
)  # fmt: skip


def faults(**changes: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        checked_keys(structs.replace(KEYS, **changes))
    return [(str(fault.loc[-1]), fault.type) for fault in refused.value.faults]


@pytest.mark.parametrize(
    "changes",
    [
        {"access_key_id": "A" * 16}, {"access_key_id": "9" * 128},
        {"secret_access_key": "s" * 16}, {"secret_access_key": "/" * 256},
        {"session_token": "t" * 4_096}, {"region": "us-gov-west-1"}, {"region": "ap-southeast-10"},
    ],
)  # fmt: skip
def test_what_aws_gives_out_is_taken(changes: dict[str, str]) -> None:
    keys = structs.replace(KEYS, **changes)
    assert checked_keys(keys) == keys


def test_an_empty_session_token_is_none() -> None:
    assert checked_keys(structs.replace(KEYS, session_token="")).session_token is None


_REGEX, _MIN, _MAX = (
    "value_error.str.regex", "value_error.any_str.min_length", "value_error.any_str.max_length",
)  # fmt: skip


@pytest.mark.parametrize(
    ("field", "text", "kind"),
    [
        ("access_key_id", "A" * 15, _REGEX), ("access_key_id", "A" * 129, _REGEX),
        ("access_key_id", "a" * 20, _REGEX), ("access_key_id", "A" * 20 + "\n", _REGEX),
        ("access_key_id", "Ä" * 20, _REGEX), ("access_key_id", "٣" * 20, _REGEX),
        ("secret_access_key", "s" * 15, _MIN), ("secret_access_key", "s" * 257, _MAX),
        ("secret_access_key", "s" * 20 + "\n", _REGEX), ("secret_access_key", "ü" * 20, _REGEX),
        ("secret_access_key", "\x00" * 20, _REGEX), ("secret_access_key", "\ud800" * 20, _REGEX),
        ("session_token", "t" * 4_097, _MAX), ("session_token", "a\r\nX-Header: b", _REGEX),
    ],
)  # fmt: skip
def test_what_no_header_or_signature_can_hold_is_refused(field: str, text: str, kind: str) -> None:
    assert faults(**{field: text}) == [(f"aws_{field}", kind)]


def test_all_faults_come_at_once() -> None:
    found = faults(access_key_id="a", secret_access_key="b", session_token="c d", region="e")
    assert found == [
        ("aws_access_key_id", _REGEX), ("aws_secret_access_key", _MIN),
        ("aws_session_token", _REGEX), ("aws_region", _REGEX),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "us-east", "us-east-1.evil.example", "US-EAST-1", "us-east-1\n", "us--1", "a" * 40]
)
def test_a_region_is_no_other_part_of_a_host(text: str) -> None:
    with pytest.raises(Invalid):
        aws_region(text, ("body", "aws_region"))


def test_f81_keys_are_in_no_repr() -> None:
    keys = structs.replace(KEYS, session_token="a-session-token")
    shown = f"{keys!r} {keys} {[keys]}"
    assert not any(secret in shown for secret in secrets_of(keys).values())
    assert keys.last4 == "MPLE"


def test_secrets_are_those_that_are_there() -> None:
    assert list(secrets_of(SEALED)) == ["access_key_id", "secret_access_key", "session_token"]
    assert list(secrets_of(KEYS)) == ["access_key_id", "secret_access_key"]


def test_f111_every_secret_has_a_place_of_its_own() -> None:
    places = {str(place_of(row, column)) for row in "ab" for column in secrets_of(SEALED)}
    assert len(places) == 6
    assert "aws_credentials|session_token|a" in places


def trial(credentials_id: str | None = None, failure: str | None = None) -> CredentialsTest:
    probe = Probe(failure=failure, region="eu-west-1", latency_ms=9)
    return trial_of(probe, credentials_id, NOW, 7)


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (None, "Bedrock answered"),
        (
            "AccessDeniedException",
            "AccessDeniedException: these credentials may not call the model",
        ),
        ("EndpointConnectionError", "EndpointConnectionError"),
    ],
)
def test_f81_a_trial_names_the_class_of_its_error(failure: str | None, message: str) -> None:
    test = trial(failure=failure)
    assert (test.success, test.message) == (failure is None, message)
    assert (test.region, test.latency_ms, test.tested_at, test.tested_by) == (
        "eu-west-1", 9, NOW, 7,
    )  # fmt: skip


def test_what_is_stored_goes_before_what_the_process_finds() -> None:
    found = Ambient(access_key_last4="ENVI", has_session_token=True)
    status = status_of(STORED, found, trial("c1"), is_readable=True, region="us-east-1")
    assert (status.configured, status.error, status.source) == (True, None, Source.DATABASE)
    assert (status.access_key_last4, status.aws_region) == ("MPLE", "eu-west-1")
    assert (status.updated_at, status.updated_by) == (NOW, 7)
    assert status.last_test == trial("c1")


def test_f111_what_cannot_be_read_is_not_configured() -> None:
    found = Ambient(access_key_last4="ENVI", has_session_token=False)
    status = status_of(STORED, found, None, is_readable=False, region="us-east-1")
    assert (status.configured, status.error, status.source) == (
        False, "unreadable", Source.DATABASE,
    )  # fmt: skip


def test_what_the_process_finds_is_the_environments() -> None:
    found = Ambient(access_key_last4="ENVI", has_session_token=True)
    status = status_of(None, found, trial(), is_readable=False, region="us-east-1")
    assert (status.configured, status.error, status.source) == (True, None, Source.ENVIRONMENT)
    assert (status.access_key_last4, status.has_session_token) == ("ENVI", True)
    assert (status.aws_region, status.updated_by) == ("us-east-1", None)
    assert status.last_test == trial()


def test_nothing_at_all_is_none() -> None:
    status = status_of(None, None, None, is_readable=False, region="us-east-1")
    assert (status.configured, status.source) == (False, Source.NONE)
    assert (status.access_key_last4, status.has_session_token) == (None, False)


@given(st.sampled_from([None, STORED]), st.sampled_from([None, "c1", "c2"]))
def test_a_trial_counts_for_the_credentials_it_was_made_with(
    stored: StoredCredentials | None, credentials_id: str | None
) -> None:
    status = status_of(stored, None, trial(credentials_id), is_readable=True, region="us-east-1")
    assert (status.last_test is not None) == (credentials_id == (stored.id if stored else None))
