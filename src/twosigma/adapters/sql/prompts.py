"""Prompts: names with their tags and counters, versions, labels."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Row,
    Select,
    bindparam,
    delete,
    func,
    select,
    text,
    tuple_,
    union_all,
    update,
)

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.prompt_additions import add_all, put_labels
from twosigma.adapters.sql.prompt_uses import uses
from twosigma.adapters.sql.schema import prompt_labels, prompt_names, prompt_versions
from twosigma.domain.chat_prompts import Part
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompts import LATEST, NewPromptVersion, PromptHead, PromptVersion
from twosigma.ports.prompts import Use

_LOCK = text("SELECT pg_advisory_xact_lock(7361002)")
_sibling = prompt_versions.alias("sibling")


def _many(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


def _is_newest(of: FromClause) -> ColumnElement[bool]:
    """Whether a version is the highest of its name."""
    highest = select(func.max(_sibling.c.version)).where(_sibling.c.name_id == of.c.name_id)
    return of.c.version == highest.scalar_subquery()


_borne = prompt_labels.alias("borne")
_BETWEEN = ","
"""What no label holds."""
_labels = (
    select(func.aggregate_strings(_borne.c.label, _BETWEEN))
    .where(_borne.c.version_id == prompt_versions.c.id)
    .scalar_subquery()
)
_ABOUT = (
    prompt_names.c.name,
    prompt_names.c.tags,
    _is_newest(prompt_versions).label("is_latest"),
)
_VERSIONS = select(prompt_versions, *_ABOUT).join_from(prompt_versions, prompt_names)
_SAYS = frozenset({"prompt", "messages", "config"})
_HEADS = select(
    *(column for column in prompt_versions.c if column.name not in _SAYS), *_ABOUT
).join_from(prompt_versions, prompt_names)
_LABELS = select(prompt_labels.c.version_id, prompt_labels.c.label)
"""Of all versions: for these one more statement costs less than a look for each of them."""
_ALL = _VERSIONS.order_by(prompt_names.c.name, prompt_versions.c.version)
_SOME = _VERSIONS.add_columns(_labels.label("borne"))
# A reference may name a number that the column does not hold.
_MAX_VERSION = 2**31 - 1
_MAX_REFS = 5000
"""How many references are looked for at once: a statement takes some 32,000 values."""

_is_named = prompt_names.c.name == bindparam("of_name")
_HEADS_OF_NAME = _HEADS.add_columns(_labels.label("borne")).where(_is_named)
_OF_NAME = _SOME.where(_is_named).order_by(prompt_versions.c.version.desc())
_ONE = _SOME.where(_is_named, prompt_versions.c.version == bindparam("version"))
_LATEST = _SOME.where(_is_named, _is_newest(prompt_versions))
_LABELED = (
    _SOME.join(prompt_labels, prompt_labels.c.version_id == prompt_versions.c.id)
    .where(_is_named, prompt_labels.c.label == bindparam("label"))
)  # fmt: skip
_NAMED = (
    select(prompt_versions.c.id, prompt_versions.c.version, prompt_names.c.name)
    .join_from(prompt_versions, prompt_names)
    .where(prompt_versions.c.id.in_(_many("version_ids")))
)
_found, _of = prompt_versions.alias("found"), prompt_names.alias("of")
_in_found = select(_found.c.id).join_from(_found, _of, _found.c.name_id == _of.c.id)
_bearers = select(_borne.c.version_id).join_from(_borne, _of, _borne.c.name_id == _of.c.id)
_is_one = _of.c.name.in_(_many("names"))
# By indexes alone, which an "or" of the three, or pairs without their names, would look past.
_FIND = _SOME.where(
    prompt_versions.c.id.in_(
        union_all(
            _in_found.where(_is_one, tuple_(_of.c.name, _found.c.version).in_(_many("numbers"))),
            _bearers.where(_is_one, tuple_(_of.c.name, _borne.c.label).in_(_many("labels"))),
            _in_found.where(_of.c.name.in_(_many("newest")), _is_newest(_found)),
        )
    )
)

_SET_TAGS = update(prompt_names).where(_is_named).values(tags=bindparam("new_tags"))
_TOUCH_ALL = (
    update(prompt_versions)
    .where(prompt_versions.c.name_id == bindparam("of_id"))
    .values(updated_at=bindparam("now"))
)
_ID_OF = select(prompt_names.c.id).where(_is_named)
_ARE_REMOVED = (
    prompt_versions.c.name_id == bindparam("of_id"),
    prompt_versions.c.version.in_(_many("numbers")),
)
_REMOVE_LABELS = delete(prompt_labels).where(
    prompt_labels.c.version_id.in_(select(prompt_versions.c.id).where(*_ARE_REMOVED))
)
_REMOVE = delete(prompt_versions).where(*_ARE_REMOVED)
_FORGET_TAGS = (
    update(prompt_names)
    .where(
        prompt_names.c.id == bindparam("of_id"),
        ~select(_sibling.c.id).where(_sibling.c.name_id == prompt_names.c.id).exists(),
    )
    .values(tags=bindparam("new_tags"))
)
_TAKE_LABELS = delete(prompt_labels).where(prompt_labels.c.version_id == bindparam("version_id"))
_TOUCH = (
    update(prompt_versions)
    .where(prompt_versions.c.id == bindparam("version_id"))
    .values(updated_at=bindparam("now"))
)


def _entity(row: Row[Any], labels: Collection[str] | None = None) -> PromptVersion:
    borne = _borne_by(row) if labels is None else labels
    return PromptVersion(
        **_head(row, borne), prompt=row.prompt, config=row.config,
        messages=msgspec.convert(row.messages or (), tuple[Part, ...]),
    )  # fmt: skip


def _borne_by(row: Row[Any]) -> list[str]:
    """The labels of a version that was read with them."""
    return row.borne.split(_BETWEEN) if row.borne else []


def _head(row: Row[Any], labels: Collection[str]) -> dict[str, Any]:
    borne = (*sorted(labels), LATEST) if row.is_latest else tuple(sorted(labels))
    return {
        "id": row.id, "name": row.name, "version": row.version, "type": row.type,
        "labels": borne, "tags": tuple(row.tags),
        "commit_message": row.commit_message, "created_by": row.created_by,
        "created_at": row.created_at, "updated_at": row.updated_at,
    }  # fmt: skip


def _named_by(refs: Collection[Ref]) -> dict[str, list[Any]]:
    """What `_FIND` looks for."""
    return {
        "names": [ref.name for ref in refs],
        "numbers": [
            (ref.name, ref.version)
            for ref in refs
            if ref.version is not None and ref.version <= _MAX_VERSION
        ],
        "labels": [(ref.name, ref.label) for ref in refs if ref.label not in (None, LATEST)],
        "newest": [ref.name for ref in refs if ref.label == LATEST],
    }


class SqlPrompts:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def version(self, name: str, version: int) -> PromptVersion | None:
        return await self._first(_ONE, of_name=name, version=version)

    async def labeled(self, name: str, label: str) -> PromptVersion | None:
        if label == LATEST:
            return await self._first(_LATEST, of_name=name)
        return await self._first(_LABELED, of_name=name, label=label)

    async def find(self, refs: Collection[Ref]) -> Mapping[Ref, PromptVersion]:
        wanted, found = list(refs), list[PromptVersion]()
        for at in range(0, len(wanted), _MAX_REFS):
            named = _named_by(wanted[at : at + _MAX_REFS])
            found += map(_entity, await self._sql.all(_FIND, **named))
        by_ref = {Ref(name=one.name, version=one.version): one for one in found}
        by_ref |= {Ref(name=one.name, label=each): one for one in found for each in one.labels}
        return {ref: by_ref[ref] for ref in refs if ref in by_ref}

    async def versions(self, name: str) -> Sequence[PromptVersion]:
        return [*map(_entity, await self._sql.all(_OF_NAME, of_name=name))]

    async def heads(self, name: str | None = None) -> Sequence[PromptHead]:
        if name is not None:
            rows = await self._sql.all(_HEADS_OF_NAME, of_name=name)
            return [PromptHead(**_head(row, _borne_by(row))) for row in rows]
        labels = await self._labels()
        rows = await self._sql.all(_HEADS)
        return [PromptHead(**_head(row, labels[row.id])) for row in rows]

    async def uses(self, names: Collection[str], version_ids: Collection[int]) -> Sequence[Use]:
        return await uses(self._sql, names, version_ids)

    async def named(self, version_ids: Collection[int]) -> Mapping[int, tuple[str, int]]:
        rows = await self._sql.all(_NAMED, version_ids=list(version_ids))
        return {row.id: (row.name, row.version) for row in rows}

    async def all_versions(self) -> Sequence[PromptVersion]:
        labels = await self._labels()
        found = await self._sql.made(lambda row: _entity(row, labels[row.id]), _ALL)
        # Databases sort text by their locale; everybody else by code points.
        return sorted(found, key=lambda each: (each.name, each.version))

    async def _labels(self) -> Mapping[int, list[str]]:
        """The labels of every version, by its id."""
        borne: dict[int, list[str]] = defaultdict(list)
        for row in await self._sql.all(_LABELS):
            borne[row.version_id].append(row.label)
        return borne

    async def lock(self) -> None:
        """On SQLite a write is alone already."""
        if self._sql.is_postgres:
            await self._sql.all(_LOCK)

    async def add(self, prompt: NewPromptVersion) -> PromptVersion:
        (version,) = await add_all(self._sql, [prompt])
        return await self._existing(prompt.name, version)

    async def add_all(self, prompts: Sequence[NewPromptVersion]) -> Sequence[int]:
        return await add_all(self._sql, prompts)

    async def set_labels(
        self, name: str, version: int, labels: Sequence[str], now: datetime
    ) -> PromptVersion:
        row = await self._sql.one(_ONE, of_name=name, version=version)
        await self._sql.run(_TAKE_LABELS, version_id=row.id)
        await put_labels(self._sql, {(row.name_id, label): row.id for label in labels})
        await self._sql.run(_TOUCH, version_id=row.id, now=now)
        return await self._existing(name, version)

    async def set_tags(self, name: str, tags: Sequence[str], now: datetime) -> None:
        name_id = await self._sql.scalar(_ID_OF, of_name=name)
        await self._sql.run(_SET_TAGS, of_name=name, new_tags=list(tags))
        await self._sql.run(_TOUCH_ALL, of_id=name_id, now=now)

    async def remove(self, name: str, versions: Collection[int]) -> None:
        removed = {
            "of_id": await self._sql.scalar(_ID_OF, of_name=name),
            "numbers": list(versions),
        }
        await self._sql.run(_REMOVE_LABELS, **removed)
        await self._sql.run(_REMOVE, **removed)
        await self._sql.run(_FORGET_TAGS, of_id=removed["of_id"], new_tags=[])

    async def _existing(self, name: str, version: int) -> PromptVersion:
        return _entity(await self._sql.one(_ONE, of_name=name, version=version))

    async def _first(self, statement: Select[Any], **values: Any) -> PromptVersion | None:
        row = await self._sql.first(statement, **values)
        return None if row is None else _entity(row)
