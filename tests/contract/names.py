"""Ids told by the order in which they appear, so that two stores can be compared."""

from msgspec import Struct

KINDS = {
    "session_id": "session", "tree_id": "tree", "node_id": "node", "parent_id": "node",
    "cache_node_id": "node", "reply_id": "reply", "message_id": "message",
    "greeting_id": "message",
}  # fmt: skip
"""What an id names; an `id` names the struct that has it."""


class Names:
    """A store's ids, told by the order in which they were first seen: stores number alike, but
    leave out different numbers."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], int] = {}

    def plain(self, value: object, kind: str | None = None) -> object:
        """The value with such ids in the place of its own."""
        if isinstance(value, Struct):
            kinds = KINDS | {"id": type(value).__name__.lower()}
            fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
            return {name: self.plain(each, kinds.get(name)) for name, each in fields}
        if isinstance(value, dict):
            return {name: self.plain(each, KINDS.get(name)) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.plain(each) for each in value]
        if kind is not None and isinstance(value, int):
            return self._known.setdefault((kind, value), len(self._known))
        return value
