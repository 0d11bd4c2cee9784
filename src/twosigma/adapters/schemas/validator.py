"""JSON Schema 2020-12 by jsonschema-rs."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec
from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

from twosigma.domain.json_schemas import MAX_VIOLATIONS, Violation

_DRAFT = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
# Of the two engines this one does not backtrack; the limits bound what it compiles to.
_PATTERNS = RegexOptions(size_limit=1_000_000, dfa_size_limit=1_000_000)


class RustSchemas:
    """What it compiled is kept for the schemas that were used last."""

    def faults(self, schema: Mapping[str, object]) -> Sequence[Violation]:
        document = msgspec.to_builtins(schema)
        found = _listed(_compiled(msgspec.json.encode(_DRAFT)).iter_errors(document))
        if found:
            return found
        try:
            _compiled(msgspec.json.encode(document))
        except ValidationError as refused:
            return [_violation(refused)]
        return []

    def violations(
        self, schema: Mapping[str, object], data: Mapping[str, object]
    ) -> Sequence[Violation]:
        validator = _compiled(msgspec.json.encode(schema))
        return _listed(validator.iter_errors(msgspec.to_builtins(data)))


@lru_cache(maxsize=32)
def _compiled(schema: bytes) -> Draft202012Validator:
    return Draft202012Validator(
        msgspec.json.decode(schema), pattern_options=_PATTERNS, offline=True
    )


def _listed(errors: Iterable[ValidationError]) -> list[Violation]:
    return [_violation(error) for error in islice(errors, MAX_VIOLATIONS)]


def _violation(error: ValidationError) -> Violation:
    kind: Any = error.kind
    names = getattr(kind, "unexpected", None) or [getattr(kind, "property", None)]
    return Violation(
        path=tuple(error.instance_path),
        keyword=kind.name or "schema",
        limit=kind.value,
        names=tuple(name for name in names[:MAX_VIOLATIONS] if isinstance(name, str)),
    )
