"""Rows to the entities that several parts share."""

from typing import Any

from sqlalchemy import Row

from twosigma.domain.catalog import Provenance
from twosigma.domain.content import Item
from twosigma.domain.modules import Module


def provenance(row: Row[Any]) -> Provenance | None:
    """Where an imported row came from; None for one made here."""
    if row.source is None:
        return None
    return Provenance(source=row.source, external_id=row.external_id, digest=row.import_digest)


def provenance_values(known: Provenance | None) -> dict[str, str | None]:
    """The columns of a row's provenance."""
    return {
        "source": None if known is None else known.source,
        "external_id": None if known is None else known.external_id,
        "import_digest": None if known is None else known.digest,
    }


def moved_values(row: Module | Item, key: str) -> dict[str, Any]:
    """What a new order changes of a row, by the names that `reorder` statements have."""
    return {key: row.id, "to": row.sequence_index, "at": row.updated_at}
