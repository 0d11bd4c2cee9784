"""Who may be what in a course's staff."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain.actor import Role
from twosigma.domain.catalog import StaffRole
from twosigma.domain.course_staff import require_fit, require_owner
from twosigma.domain.errors import Conflict
from twosigma.domain.users import User

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def account(role: Role, *, is_active: bool = True) -> User:
    return User(
        id=1, email="a@example.org", full_name="Ada", role=role, is_active=is_active, locale="en",
        time_zone="UTC", created_at=NOW, updated_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("place", list(StaffRole))
def test_editors_are_instructors_everywhere_and_anybody_assists(
    role: Role, place: StaffRole
) -> None:
    if role is Role.STUDENT and place is not StaffRole.ASSISTANT:
        with pytest.raises(Conflict) as refused:
            require_fit(account(role), place)
        assert refused.value.code == "role_too_low"
    else:
        require_fit(account(role), place)


@pytest.mark.parametrize("place", list(StaffRole))
def test_an_account_that_is_switched_off_gets_no_place(place: StaffRole) -> None:
    with pytest.raises(Conflict) as refused:
        require_fit(account(Role.PLATFORM_ADMIN, is_active=False), place)
    assert refused.value.code == "account_inactive"


staffs = st.dictionaries(st.integers(1, 5), st.sampled_from(StaffRole))


@given(staffs, st.integers(1, 5), st.none() | st.sampled_from(StaffRole))
def test_a_course_that_has_an_owner_keeps_one(
    staff: dict[int, StaffRole], user_id: int, role: StaffRole | None
) -> None:
    after = {who: its for who, its in staff.items() if who != user_id}
    if role is not None:
        after[user_id] = role
    loses = StaffRole.OWNER in staff.values() and StaffRole.OWNER not in after.values()
    code = None
    try:
        require_owner(staff, user_id, role)
    except Conflict as refused:
        code = refused.code
    assert code == ("last_owner" if loses else None)
