"""What an account may change about itself."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain import values
from twosigma.domain.actor import Role
from twosigma.domain.errors import Conflict, Invalid
from twosigma.domain.users import User, UserChanges, appointed, checked_changes, erased

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = {
    "full_name": (" Zoe\u0308 ", "Zoë"), "locale": ("PT-br", "pt-BR"),
    "time_zone": ("Asia/Tokyo", "Asia/Tokyo"),
}  # fmt: skip


@given(st.sets(st.sampled_from(sorted(GOOD))))
def test_just_what_is_sent_is_changed_and_normalised(names: set[str]) -> None:
    changes = UserChanges(**{name: GOOD[name][0] for name in names})
    assert checked_changes(changes) == {name: GOOD[name][1] for name in names}


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        checked_changes(UserChanges(full_name=" ", locale="?", time_zone="Mars/Base"))
    assert [fault.loc for fault in refused.value.faults] == [
        ("body", "full_name"), ("body", "locale"), ("body", "time_zone"),
    ]  # fmt: skip


people = st.lists(st.tuples(st.sampled_from(Role), st.booleans()), min_size=1, max_size=4)


@given(people, st.data(), st.sampled_from([None, *Role]), st.sampled_from([None, True, False]))
def test_there_is_an_active_admin_after_as_before(
    all_of: list[tuple[Role, bool]], data: st.DataObject, role: Role | None, is_active: bool | None
) -> None:
    users = [
        User(
            id=at, email=f"{at}@x.org", full_name="A", role=kind, is_active=active, locale="en",
            time_zone="UTC", created_at=NOW, updated_at=NOW,
        )
        for at, (kind, active) in enumerate(all_of)
    ]  # fmt: skip
    admins = {user.id for user in users if user.is_active and user.role is Role.PLATFORM_ADMIN}
    user = data.draw(st.sampled_from(users))
    wanted = (
        user.role if role is None else role,
        user.is_active if is_active is None else is_active,
    )
    would_stay = {*admins, user.id} if wanted == (Role.PLATFORM_ADMIN, True) else admins - {user.id}
    if admins and not would_stay:
        with pytest.raises(Conflict) as refused:
            appointed(user, admins, role=role, is_active=is_active)
        assert refused.value.code == "last_admin"
    else:
        after = appointed(user, admins, role=role, is_active=is_active)
        assert (after.role, after.is_active) == wanted


def somebody(**fields: object) -> User:
    known: dict[str, object] = {
        "id": 7, "email": "ada@x.org", "full_name": "Ada", "role": Role.INSTRUCTOR,
        "is_active": True, "locale": "de", "time_zone": "Asia/Tokyo", "created_at": NOW,
        "updated_at": NOW,
    }  # fmt: skip
    return User(**{**known, **fields})  # type: ignore[arg-type]  # a user's fields


def test_of_an_erased_account_only_the_row_and_its_times_are_left() -> None:
    later = datetime(2026, 2, 1, tzinfo=UTC)
    left = erased(somebody(), {1}, later)
    assert left == User(
        id=7, email="deleted-7@invalid", full_name="Deleted user", role=Role.STUDENT,
        is_active=False, locale="en", time_zone="UTC", created_at=NOW, updated_at=later,
        erased_at=later,
    )  # fmt: skip


@given(st.integers(1, values.MAX_ID))
def test_the_address_of_an_erased_account_is_its_own_and_nobody_can_register_it(at: int) -> None:
    left = erased(somebody(id=at), {0}, NOW)
    assert str(at) in left.email
    with pytest.raises(Invalid):
        values.email(left.email)


def test_the_last_active_admin_cannot_be_erased() -> None:
    admin = somebody(role=Role.PLATFORM_ADMIN)
    with pytest.raises(Conflict) as refused:
        erased(admin, {7}, NOW)
    assert refused.value.code == "last_admin"
    assert erased(admin, {7, 8}, NOW).erased_at == NOW
