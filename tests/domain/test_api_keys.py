"""API keys: names, owners, secrets, and how often a use is written down."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.actor import Role
from twosigma.domain.api_keys import (
    MAX_NAME,
    ApiKey,
    IssuedKey,
    NewApiKey,
    checked_name,
    digest_of,
    is_to_be_noted,
    may_be_public_key,
    require_owner,
    require_usable,
)
from twosigma.domain.errors import Conflict, Invalid, Unauthenticated
from twosigma.domain.users import User

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "sk-lf-hunter2-canary"
KEY = ApiKey(
    id=1, user_id=2, name="Editor", public_key="pk-lf-1", digest=digest_of(SECRET), created_at=NOW
)
OWNER = User(
    id=2, email="a@example.org", full_name="Ada", role=Role.INSTRUCTOR, is_active=True,
    locale="en", time_zone="UTC", created_at=NOW, updated_at=NOW,
)  # fmt: skip


def test_a_name_is_trimmed_and_not_blank() -> None:
    assert checked_name(" Editor ") == "Editor"
    assert checked_name("x" * MAX_NAME)
    for bad in ("", "  ", "x" * (MAX_NAME + 1), "a\0b"):
        with pytest.raises(Invalid):
            checked_name(bad)


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.PLATFORM_ADMIN])
def test_instructors_and_admins_may_own_one(role: Role) -> None:
    owner = structs.replace(OWNER, role=role)
    assert require_owner(owner) == owner


def test_students_and_who_is_switched_off_may_not() -> None:
    for change in ({"role": Role.STUDENT}, {"is_active": False}):
        with pytest.raises(Conflict):
            require_owner(structs.replace(OWNER, **change))


def test_what_a_public_key_looks_like() -> None:
    assert may_be_public_key("pk-lf-00000000-0000-4000-8000-000000000001")
    for text in ("", "pk-lf-", "sk-lf-1", "pk-lf-\0", "pk-lf-1\n", " pk-lf-1", "pk-lf-" + "1" * 65):
        assert not may_be_public_key(text)


def test_its_secret_makes_a_key_usable() -> None:
    assert require_usable(KEY, SECRET) == KEY


@given(st.text())
def test_no_other_secret_does_and_all_refusals_are_alike(secret: str) -> None:
    texts = set()
    revoked = structs.replace(KEY, revoked_at=NOW)
    for key, given_secret in ((KEY, secret), (None, secret), (None, SECRET), (revoked, SECRET)):
        with pytest.raises(Unauthenticated) as refused:
            require_usable(key, given_secret)
        texts.add(str(refused.value))
    assert len(texts) == 1


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_every_text_has_a_digest_that_does_not_tell_it(secret: str) -> None:
    assert len(digest_of(secret)) == 32
    assert digest_of(secret) == digest_of(secret)


@given(st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_use_is_noted_at_most_once_an_hour(since: timedelta) -> None:
    assert is_to_be_noted(KEY, NOW)
    used = structs.replace(KEY, last_used_at=NOW)
    assert is_to_be_noted(used, NOW + since) == (since >= timedelta(hours=1))


def test_f120_no_repr_tells_a_secret_or_its_digest() -> None:
    new = NewApiKey(
        user_id=2, name="Editor", public_key="pk-lf-1", digest=KEY.digest, created_at=NOW
    )
    for told in map(repr, (new, KEY, IssuedKey(key=KEY, secret_key=SECRET))):
        assert "pk-lf-1" in told
        assert SECRET not in told
        assert "digest" not in told
