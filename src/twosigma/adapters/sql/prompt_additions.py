"""New versions of prompts, however many, in as many statements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import prompt_labels, prompt_names, prompt_versions
from twosigma.domain.prompts import LATEST, NewPromptVersion

# What is there stays as it is; but only an update gives it.
_NAME = (
    upsert(prompt_names)
    .on_conflict_do_update(
        index_elements=["name"], set_={"next_version": prompt_names.c.next_version}
    )
    .returning(prompt_names)
)
_CHANGE_NAME = (
    update(prompt_names)
    .where(prompt_names.c.id == bindparam("of_id"))
    .values(next_version=bindparam("next_number"), tags=bindparam("new_tags"))
)
_ADD_VERSION = insert(prompt_versions).returning(
    prompt_versions.c.id, prompt_versions.c.name_id, prompt_versions.c.version
)
_PUT_LABEL = upsert(prompt_labels)
_PUT_LABEL = _PUT_LABEL.on_conflict_do_update(
    index_elements=["name_id", "label"], set_={"version_id": _PUT_LABEL.excluded.version_id}
)


class _Name(Struct):
    """A name as it comes to be: its next number, its tags, who bears which label."""

    id: int
    next_version: int
    tags: list[str]
    bearers: dict[str, int] = {}

    def take(self, prompt: NewPromptVersion) -> int:
        """The number that the version gets."""
        number = max(self.next_version, prompt.version)
        self.next_version = number + 1
        if prompt.tags is not None:
            self.tags = list(prompt.tags)
        self.bearers |= dict.fromkeys(prompt.labels, number)
        return number


async def add_all(sql: Sql, prompts: Sequence[NewPromptVersion]) -> list[int]:
    """Add the versions, one after the other; gives the number of each."""
    names = await _names(sql, dict.fromkeys(prompt.name for prompt in prompts))
    numbers = [names[prompt.name].take(prompt) for prompt in prompts]
    await sql.run_each(
        _CHANGE_NAME,
        [
            {"of_id": each.id, "next_number": each.next_version, "new_tags": each.tags}
            for each in names.values()
        ],
    )
    rows = await sql.all_of_each(
        _ADD_VERSION,
        [
            _row(names[prompt.name].id, number, prompt)
            for prompt, number in zip(prompts, numbers, strict=True)
        ],
    )
    ids = {(row.name_id, row.version): row.id for row in rows}
    bearers = {
        (each.id, label): ids[each.id, number]
        for each in names.values()
        for label, number in each.bearers.items()
    }
    await put_labels(sql, bearers)
    return numbers


async def put_labels(sql: Sql, bearers: Mapping[tuple[int, str], int]) -> None:
    """Put labels on versions: by the id of the name and the label, the version's id."""
    rows = [
        {"name_id": name_id, "label": label, "version_id": version_id}
        for (name_id, label), version_id in bearers.items()
        if label != LATEST
    ]
    await sql.run_each(_PUT_LABEL, rows)


async def _names(sql: Sql, names: Iterable[str]) -> dict[str, _Name]:
    rows = await sql.all_of_each(
        _NAME, [{"name": name, "next_version": 1, "tags": []} for name in names]
    )
    return {row.name: _Name(row.id, row.next_version, row.tags) for row in rows}


def _row(name_id: int, number: int, prompt: NewPromptVersion) -> dict[str, Any]:
    now: datetime = prompt.created_at
    return {
        "name_id": name_id, "version": number, "type": prompt.type, "prompt": prompt.prompt,
        "messages": msgspec.to_builtins(prompt.messages) or None, "config": dict(prompt.config),
        "commit_message": prompt.commit_message, "created_by": prompt.created_by,
        "created_at": now, "updated_at": now,
    }  # fmt: skip
