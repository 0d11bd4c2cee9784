"""The reference's JSON against an answer: what is shown has to be there, more may be."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx

ANY = "..."
"""Three dots in a text stand for any text; alone, for any value."""


def parsed(text: str) -> Any:
    """The JSON of the reference, in which `[...]` is any list and `{...}` any object."""
    return json.loads(text.replace("[...]", '["..."]').replace("{...}", '{"...": "..."}'))


def differences(shown: Any, told: Any, at: str = "$") -> Iterator[str]:
    """What of the shown is not in the told, and where."""
    if shown == ANY:
        return
    if isinstance(shown, dict):
        yield from _of_objects(shown, told, at)
    elif isinstance(shown, list):
        yield from _of_lists(shown, told, at)
    elif isinstance(shown, str) and isinstance(told, str):
        if not re.fullmatch(".*".join(map(re.escape, shown.split(ANY))), told, re.DOTALL):
            yield f"{at} is {told!r}, and not {shown!r}"
    elif type(shown) is not type(told) or shown != told:
        yield f"{at} is {told!r}, and not {shown!r}"


def _of_objects(shown: dict[str, Any], told: Any, at: str) -> Iterator[str]:
    if not isinstance(told, dict):
        yield f"{at} is {told!r}, and no object"
        return
    for name, value in shown.items():
        if name == ANY:
            continue
        if name not in told:
            yield f"{at}.{name} is missing"
        else:
            yield from differences(value, told[name], f"{at}.{name}")


def _of_lists(shown: list[Any], told: Any, at: str) -> Iterator[str]:
    if not isinstance(told, list):
        yield f"{at} is {told!r}, and no list"
    elif shown != [ANY] and len(shown) != len(told):
        yield f"{at} has {len(told)} members, and not {len(shown)}"
    elif shown != [ANY]:
        for number, (one, other) in enumerate(zip(shown, told, strict=True)):
            yield from differences(one, other, f"{at}[{number}]")


def replaced(shown: Any, values: dict[str, Any]) -> Any:
    """The shown with these values under their names, wherever they stand."""
    if isinstance(shown, dict):
        return {
            name: values[name] if name in values else replaced(value, values)
            for name, value in shown.items()
        }
    return [replaced(one, values) for one in shown] if isinstance(shown, list) else shown


def shows(answer: httpx.Response, text: str, status: int = 200, **values: Any) -> Any:
    """The body of an answer, which must hold all that the reference shows; `values` are what
    this test has where the reference shows an id of its own."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert not list(differences(replaced(parsed(text), values), body))
    return body


def refuses(answer: httpx.Response, status: int) -> str:
    """The detail of an answer that must be this refusal, in the reference's form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"detail"}
    assert isinstance(body["detail"], str)
    return str(body["detail"])
