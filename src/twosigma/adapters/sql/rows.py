"""Rows to the entities that several parts share."""

from typing import Any

from sqlalchemy import Row

from twosigma.domain.catalog import Provenance


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
