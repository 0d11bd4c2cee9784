"""Faults are collected, and told at once."""

import pytest

from twosigma.domain.checks import Checks
from twosigma.domain.errors import Fault, Invalid, invalid

ONE, TWO = Fault(("body", "a"), "one", "value_error"), Fault(("body", "b"), "two", "value_error")


def refuse(value: str) -> str:
    raise Invalid([ONE, TWO])


def test_without_a_fault_values_are_checked_and_nothing_is_raised() -> None:
    checks = Checks()
    assert checks.take("a", str.upper) == "A"
    assert checks.maybe("b", str.upper) == "B"
    assert checks.maybe(None, refuse) is None
    checks.that(True, ONE)
    checks.add([])
    checks.done()


def test_a_value_with_a_fault_is_given_back_as_it_was() -> None:
    checks = Checks()
    assert (checks.take("a", refuse), checks.maybe("b", refuse)) == ("a", "b")
    with pytest.raises(Invalid) as refused:
        checks.done()
    assert refused.value.faults == (ONE, TWO, ONE, TWO)


def test_all_faults_are_told_in_the_order_they_were_found() -> None:
    checks = Checks()
    checks.add([TWO])
    checks.that(False, ONE)
    checks.take("a", lambda text: (_ for _ in ()).throw(invalid("c", "three")))
    with pytest.raises(Invalid) as refused:
        checks.done()
    assert [fault.msg for fault in refused.value.faults] == ["two", "one", "three"]


def test_other_errors_pass_through() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Checks().take("x", lambda text: str(int(text)))
