"""Variables of a prompt: `{{ name }}`, filled in one pass; a value is never scanned again."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_.]*)\s*\}\}")

Value = str | int | float | bool


def variables_of(text: str) -> tuple[str, ...]:
    """The variables that a text names, in order of first use, each once."""
    return tuple(dict.fromkeys(match.group(1) for match in _VARIABLE.finditer(text)))


def fill(text: str, values: Mapping[str, Value]) -> str:
    """The text with its variables filled; one that nobody fills stays as written."""

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        return _plain(values[name]) if name in values else match.group(0)

    return _VARIABLE.sub(put, text)


def filled_length(text: str, values: Mapping[str, Value]) -> int:
    """How many characters `fill` would give, without making them: a long value may be named
    often."""
    lengths = {name: len(_plain(value)) for name, value in values.items()}
    found = [match for match in _VARIABLE.finditer(text) if match.group(1) in lengths]
    return len(text) + sum(lengths[match.group(1)] - len(match.group(0)) for match in found)


def _plain(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
