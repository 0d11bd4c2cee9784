"""An example of a type: from its metadata, its choices, or its kind."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import inspect

# Words for texts that have no example of their own.
_TEXTS = {
    "content": "Here is the explanation...",
    "content_type": "text",
    "description": "What it is about",
    "detail": "The tutor cannot answer right now. Please try again in a moment.",
    "full_name": "John Doe",
    "id": "5f0c2d9e",
    "locale": "en",
    "status": "ready",
    "time_zone": "UTC",
    "title": "Introduction Video",
}
_CONTEXT = {
    "course_title": "Introduction to Computer Science",
    "module_title": "Week 1: Introduction",
    "content_title": "Introduction Video",
    "content_type": "video",
    "locale": "en",
}


def example_of(kind: Any, name: str = "") -> Any:
    """A value of this type (a type, or msgspec's account of one) in plain JSON. A list of what a
    type is itself held in is empty: such a type has no end."""
    info = kind if isinstance(kind, inspect.Type) else inspect.type_info(kind)
    if isinstance(info, inspect.Metadata):
        listed = (info.extra_json_schema or {}).get("examples")
        return listed[0] if listed else example_of(info.type, name)
    make = _MAKERS.get(type(info))
    return make(info, name) if make is not None else _TEXTS.get(name, "text")


def _struct(info: inspect.StructType, _: str) -> dict[str, Any]:
    return {
        field.encode_name: []
        if _is_list_of(field.type, info)
        else example_of(field.type, field.encode_name)
        for field in info.fields
    }


def _is_list_of(kind: inspect.Type, item: inspect.StructType) -> bool:
    return isinstance(kind, inspect.ListType) and kind.item_type is item


def _union(info: inspect.UnionType, name: str) -> Any:
    options = [option for option in info.types if not isinstance(option, inspect.NoneType)]
    return example_of(options[0], name)


def _mapping(info: inspect.DictType, name: str) -> dict[str, Any]:
    if name == "content_context":
        return dict(_CONTEXT)
    if isinstance(info.value_type, inspect.AnyType):
        return {"source": "cache", "cache_node_id": 7} if name == "meta" else {}
    return {"5": example_of(info.value_type)}


_MAKERS: Mapping[type[inspect.Type], Callable[[Any, str], Any]] = {
    inspect.StructType: _struct,
    inspect.UnionType: _union,
    inspect.DictType: _mapping,
    inspect.ListType: lambda info, name: [example_of(info.item_type, name)],
    inspect.VarTupleType: lambda info, name: [example_of(info.item_type, name)],
    inspect.EnumType: lambda info, _: next(iter(info.cls)).value,
    inspect.LiteralType: lambda info, _: info.values[0],
    inspect.IntType: lambda info, _: max(info.ge or 0, 1) if info.ge != 0 else 0,
    inspect.BoolType: lambda *_: True,
    inspect.DateTimeType: lambda *_: "2026-01-01T00:00:00Z",
    inspect.DateType: lambda *_: "2026-01-20",
}
