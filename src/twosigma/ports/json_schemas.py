"""JSON Schema, draft 2020-12."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from twosigma.domain.json_schemas import Violation


class Schemas(Protocol):
    """Nothing is fetched from anywhere, and expressions are matched in linear time."""

    def faults(self, schema: Mapping[str, object]) -> Sequence[Violation]:
        """What is wrong with the schema itself, with places in it: not of the draft, an
        expression that cannot be matched in linear time, a reference that leads nowhere. At most
        50."""
        ...

    def violations(
        self, schema: Mapping[str, object], data: Mapping[str, object]
    ) -> Sequence[Violation]:
        """What of the data does not fit a schema without faults; at most 50."""
        ...
