"""Prompts: names with their tags and counters, versions, labels."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.tables import PromptName, Transaction, plain
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompts import LATEST, NewPromptVersion, PromptHead, PromptVersion
from twosigma.ports.prompts import Use


class MemoryPrompts:
    """Versions are kept without `latest` and without tags, which belong to the name."""

    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def version(self, name: str, version: int) -> PromptVersion | None:
        row = self._tables.prompt_versions.get((name, version))
        return row and self._entity(row)

    async def labeled(self, name: str, label: str) -> PromptVersion | None:
        if label == LATEST:
            return next(iter(await self.versions(name)), None)
        version = self._tables.prompt_labels.get((name, label))
        return None if version is None else await self.version(name, version)

    async def find(self, refs: Collection[Ref]) -> Mapping[Ref, PromptVersion]:
        found = {ref: await self._named_by(ref) for ref in refs}
        return {ref: row for ref, row in found.items() if row is not None}

    async def _named_by(self, ref: Ref) -> PromptVersion | None:
        if ref.version is not None:
            return await self.version(ref.name, ref.version)
        return await self.labeled(ref.name, ref.label or "")

    async def versions(self, name: str) -> Sequence[PromptVersion]:
        known = self._tables.prompt_names.get(name) or PromptName()
        rows = [self._tables.prompt_versions[name, number] for number in known.versions]
        return [self._entity(row) for row in reversed(rows)]

    async def heads(self, name: str | None = None) -> Sequence[PromptHead]:
        rows = await (self.all_versions() if name is None else self.versions(name))
        names = PromptHead.__struct_fields__
        return [PromptHead(**{each: getattr(row, each) for each in names}) for row in rows]

    async def named(self, version_ids: Collection[int]) -> Mapping[int, tuple[str, int]]:
        rows = self._tables.prompt_versions.values()
        return {row.id: (row.name, row.version) for row in rows if row.id in version_ids}

    async def all_versions(self) -> Sequence[PromptVersion]:
        rows = sorted(
            self._tables.prompt_versions.values(), key=lambda row: (row.name, row.version)
        )
        return [self._entity(row) for row in rows]

    async def uses(self, names: Collection[str], version_ids: Collection[int]) -> Sequence[Use]:
        tables = self._tables
        items = [item for item in tables.items.values() if item.prompt_name in names]
        found = [
            Use(kind="course", id=one.id, title=one.title, course_id=one.id)
            for one in tables.courses.values()
            if one.prompt_name in names
        ]
        found += [
            Use(kind="content_item", id=one.id, title=one.title, course_id=one.course_id)
            for one in items
        ]
        found += [
            Use(kind="content_type", id=one.id, title=one.label, course_id=None)
            for one in tables.content_types.values()
            if one.prompt_name in names
        ]
        for tree in tables.trees.values():
            if tree.prompt_version_id in version_ids:
                item = tables.items[tree.content_item_id]
                found.append(
                    Use(kind="cache_tree", id=tree.id, title=item.title, course_id=item.course_id)
                )
        return sorted(found, key=lambda use: (use.kind, use.id))

    def _entity(self, row: PromptVersion) -> PromptVersion:
        known = self._tables.prompt_names[row.name]
        labels = (*row.labels, LATEST) if row.version == known.versions[-1] else row.labels
        return structs.replace(row, labels=labels, tags=known.tags)

    async def lock(self) -> None:
        """A write is alone already."""

    async def add(self, prompt: NewPromptVersion) -> PromptVersion:
        known = self._tables.prompt_names.get(prompt.name) or PromptName()
        number = max(known.next_version, prompt.version)
        known = PromptName(
            next_version=number + 1,
            tags=known.tags if prompt.tags is None else tuple(prompt.tags),
            versions=(*known.versions, number),
        )
        self._tables.prompt_names.put(prompt.name, known)
        row = PromptVersion(
            id=self._ids.next("prompt_versions"), name=prompt.name, version=number,
            type=prompt.type, prompt=prompt.prompt, messages=prompt.messages,
            config=plain(prompt.config), labels=(), tags=(),
            commit_message=prompt.commit_message, created_by=prompt.created_by,
            created_at=prompt.created_at, updated_at=prompt.created_at,
        )  # fmt: skip
        self._bear(row, prompt.labels)
        return self._entity(self._tables.prompt_versions[row.name, row.version])

    async def add_all(self, prompts: Sequence[NewPromptVersion]) -> Sequence[int]:
        return [(await self.add(prompt)).version for prompt in prompts]

    async def set_labels(
        self, name: str, version: int, labels: Sequence[str], now: datetime
    ) -> PromptVersion:
        row = self._tables.prompt_versions[name, version]
        for label in row.labels:
            self._tables.prompt_labels.pop((name, label))
        self._bear(structs.replace(row, updated_at=now), labels)
        return self._entity(self._tables.prompt_versions[name, version])

    async def set_tags(self, name: str, tags: Sequence[str], now: datetime) -> None:
        known = self._tables.prompt_names[name]
        self._tables.prompt_names.put(name, structs.replace(known, tags=tuple(tags)))
        for version in known.versions:
            row = self._tables.prompt_versions[name, version]
            self._tables.prompt_versions.put((name, version), structs.replace(row, updated_at=now))

    async def remove(self, name: str, versions: Collection[int]) -> None:
        known = self._tables.prompt_names[name]
        for version in versions:
            row = self._tables.prompt_versions.pop((name, version))
            for label in row.labels if row else ():
                self._tables.prompt_labels.pop((name, label))
        left = tuple(version for version in known.versions if version not in versions)
        tags = known.tags if left else ()
        self._tables.prompt_names.put(name, structs.replace(known, versions=left, tags=tags))

    def _bear(self, row: PromptVersion, labels: Sequence[str]) -> None:
        """Store the version with these labels, which leave the others."""
        borne = tuple(sorted(set(labels) - {LATEST}))
        for label in borne:
            holder = self._tables.prompt_labels.get((row.name, label))
            if holder is not None:
                self._leave(row.name, holder, label)
            self._tables.prompt_labels.put((row.name, label), row.version)
        key = (row.name, row.version)
        self._tables.prompt_versions.put(key, structs.replace(row, labels=borne))

    def _leave(self, name: str, version: int, label: str) -> None:
        row = self._tables.prompt_versions[name, version]
        kept = tuple(each for each in row.labels if each != label)
        self._tables.prompt_versions.put((name, version), structs.replace(row, labels=kept))
