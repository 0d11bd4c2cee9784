"""Who may do what: the order of the global roles."""

from itertools import product

import pytest

from twosigma.domain.actor import Actor, Role, has_role, require, require_signed_in
from twosigma.domain.errors import Forbidden, Unauthenticated

ORDER = [Role.STUDENT, Role.INSTRUCTOR, Role.PLATFORM_ADMIN]


@pytest.mark.parametrize(("own", "wanted"), list(product(ORDER, ORDER)))
def test_a_role_has_the_rights_of_those_below_it(own: Role, wanted: Role) -> None:
    actor = Actor(user_id=1, role=own)
    is_enough = ORDER.index(own) >= ORDER.index(wanted)
    assert has_role(actor, wanted) == is_enough
    if is_enough:
        assert require(actor, wanted) is actor
    else:
        with pytest.raises(Forbidden):
            require(actor, wanted)


@pytest.mark.parametrize("role", ORDER)
def test_nobody_has_no_role(role: Role) -> None:
    assert not has_role(None, role)
    with pytest.raises(Unauthenticated):
        require(None, role)


def test_an_actor_is_somebody() -> None:
    admin, student = (Actor(user_id=1, role=role) for role in (ORDER[2], ORDER[0]))
    assert require_signed_in(student) is student
    assert (admin.is_admin, student.is_admin) == (True, False)
    with pytest.raises(Unauthenticated, match="Not authenticated"):
        require_signed_in(None)
