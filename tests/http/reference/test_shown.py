"""The comparison itself: it finds what an answer lacks."""

import pytest

from tests.http.reference.shown import differences, parsed, replaced


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ('{"a": 1}', {"a": 1, "b": 2}),
        ("[...]", [1, 2]), ("[...]", []), ("{...}", {"a": 1}), ("{}", {"a": 1}),
        ('"https://..."', "https://example.com/a\nb"), ('"..."', None), ("null", None),
        ('[{"a": [...]}, "..."]', [{"a": []}, 7]),
    ],
)  # fmt: skip
def test_what_is_shown_is_there(shown: str, told: object) -> None:
    assert list(differences(parsed(shown), told)) == []


@pytest.mark.parametrize(
    ("shown", "told", "difference"),
    [
        ('{"a": {"b": 1}}', {"a": {"c": 1}}, "$.a.b is missing"),
        ('{"a": null}', {}, "$.a is missing"),
        ("[1]", [1, 2], "$ has 2 members, and not 1"),
        ("[1, 2]", [1, 3], "$[1] is 3, and not 2"),
        ("[...]", {}, "$ is {}, and no list"), ("{...}", [], "$ is [], and no object"),
        ("true", 1, "$ is 1, and not True"), ("null", 0, "$ is 0, and not None"),
        ('"https://..."', "http://x", "$ is 'http://x', and not 'https://...'"),
        ('"a.c"', "abc", "$ is 'abc', and not 'a.c'"), ('"1"', 1, "$ is 1, and not '1'"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_with_its_place(
    shown: str, told: object, difference: str
) -> None:
    assert list(differences(parsed(shown), told)) == [difference]


def test_values_of_this_test_stand_for_those_of_the_reference() -> None:
    shown = parsed('{"id": 5, "root": [{"id": 5, "name": "A"}]}')
    assert replaced(shown, {"id": 7}) == {"id": 7, "root": [{"id": 7, "name": "A"}]}
