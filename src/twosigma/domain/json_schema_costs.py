"""What it may cost to check a value: a schema that refers to itself can ask for the same value
again and again, without end."""

from collections.abc import Mapping
from urllib.parse import unquote

from msgspec import Struct

from twosigma.domain.json_schemas import BELOW, IN_PLACE, REFERENCES, Schema, held_by, schemas_in

MAX_STEPS = 50_000
"""How many pairs of a schema and a value may be looked at for one item; a long text counts as
many, an expression may have to read it."""
STEP_CHARS = 1_000


class _Plan(Struct, frozen=True):
    """What a schema looks at: the same value again by `here`, a member by its name (`named`) and
    every member by each of `each`."""

    here: tuple[object, ...]
    named: Mapping[object, object]
    each: tuple[object, ...]


def is_costly(schema: Schema, data: object, most: int = MAX_STEPS) -> bool:
    """Whether a checker that remembers nothing could take more than so many steps.

    Counts too much where it is not told which members a keyword looks at, never too little.
    """
    plans = _Plans(schema)
    todo: list[tuple[object, object]] = [(schema, data)]
    while todo:
        each, value = todo.pop()
        most -= 1 + (len(value) // STEP_CHARS if isinstance(value, str) else 0)
        if most < 0:
            return True
        plan = plans.of(each)
        members = _members(value)
        if len(members) * len(plan.each) > most:
            return True
        todo += [(inner, value) for inner in plan.here]
        for name, member in members:
            todo += [(inner, member) for inner in plan.each]
            if name in plan.named:
                todo.append((plan.named[name], member))
    return False


def _members(value: object) -> list[tuple[object, object]]:
    if isinstance(value, Mapping):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list | tuple) else []


class _Plans:
    """The plans of a document's schemas, each made once."""

    def __init__(self, document: Schema) -> None:
        self._document = document
        self._known: dict[int, _Plan] = {}
        self._named = {
            f"#{each[key]}": each
            for _, each in schemas_in(document)
            for key in ("$anchor", "$dynamicAnchor")
            if key in each
        }

    def of(self, schema: object) -> _Plan:
        plan = self._known.get(id(schema))
        if plan is None:
            plan = self._known[id(schema)] = self._made(schema)
        return plan

    def _made(self, schema: object) -> _Plan:
        if not isinstance(schema, Mapping):
            return _Plan((), {}, ())
        here = [inner for key in schema if key in IN_PLACE for _, inner in held_by(schema, key)]
        here += [self._target(schema[key]) for key in REFERENCES if key in schema]
        named = schema.get("properties")
        by_name = named if isinstance(named, Mapping) else {}
        each = [
            inner
            for key in schema
            if key in BELOW and key != "properties"
            for _, inner in held_by(schema, key)
        ]
        return _Plan(tuple(here), by_name, tuple(each))

    def _target(self, reference: object) -> object:
        """What a reference leads to; None where that is nothing."""
        text = str(reference)
        here: object = self._named.get(text, self._document)
        for step in () if text in self._named else text.split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(here, Mapping):
                here = here.get(key)
            elif isinstance(here, list) and key.isdecimal() and int(key) < len(here):
                here = here[int(key)]
            else:
                return None
        return here
