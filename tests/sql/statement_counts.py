"""How many statements each use case takes."""

COUNTS: dict[str, int] = {}
