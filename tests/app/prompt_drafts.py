"""Prompts made and labeled in a school."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.app.school import School
from twosigma.app.prompt_graph import PromptView
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.domain.prompts import PromptVersion


async def make(
    school: School,
    name: str,
    text: str | Sequence[Mapping[str, object]] = "Text.",
    who: str = "admin",
    **fields: Any,
) -> PromptView:
    draft = PromptDraft(name=name, prompt=text, **fields)
    return await school.core.prompts_edit.create(school.actor(who), draft)


async def label(school: School, name: str, version: int, *labels: str, who: str = "admin") -> Any:
    return await school.core.prompts_edit.set_labels(school.actor(who), name, version, labels)


async def versions(school: School, name: str) -> list[PromptVersion]:
    async with school.world.ports.store.read() as tx:
        return list(await tx.prompts.versions(name))


def production(name: str) -> str:
    return tag_of(Ref(name=name, label="production"))
