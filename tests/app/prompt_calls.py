"""The use cases of prompts as calls; `use_cases` puts them with the others."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from tests.app.course_calls import Call
from tests.app.school import School
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.catalog import Page
from twosigma.domain.prompt_files import PromptFile
from twosigma.domain.prompt_lists import Numbered, PromptFilter
from twosigma.domain.prompt_pull import Pulled
from twosigma.ports.prompt_sources import OnProgress

TAG = "@@@langfusePrompt:name=Style|label=production@@@"

FILES = [PromptFile(path="Style/9.md", data=b'---\n{"name": "Style"}\n---\nBe quick.\n')]
LINE = b'{"name": "Style", "version": 9, "prompt": "Be quick."}'


class Elsewhere(Struct, frozen=True):
    """Another service with these prompts."""

    has: Sequence[Pulled] = (Pulled(name="Style", version=9, prompt="Be quick."),)

    async def versions(self, on_progress: OnProgress) -> Sequence[Pulled]:
        on_progress(len(self.has), len(self.has))
        return self.has


async def label_draft(school: School) -> None:
    """A prompt with a label that nobody depends on."""
    draft = PromptDraft(name="Draft", prompt="Be kind.", labels=("draft",))
    await school.core.prompts_edit.create(school.actor("admin"), draft)


PROMPT_CALLS: dict[str, Call] = {
    "prompts_read.list": lambda s, who: s.core.prompts_read.list(
        s.actor(who), PromptFilter(), Numbered()
    ),
    "prompts_read.list_with_configs": lambda s, who: s.core.prompts_read.list_with_configs(
        s.actor(who), PromptFilter(), Numbered()
    ),
    "prompts_read.groups": lambda s, who: s.core.prompts_read.groups(s.actor(who)),
    "prompts_read.labels": lambda s, who: s.core.prompts_read.labels(s.actor(who)),
    "prompts_read.raw": lambda s, who: s.core.prompts_read.raw(s.actor(who), "Voice", None, None),
    "prompts_read.get": lambda s, who: s.core.prompts_read.get(s.actor(who), "Voice", None, None),
    "prompts_read.versions": lambda s, who: s.core.prompts_read.versions(
        s.actor(who), "Style", Numbered()
    ),
    "prompts_read.diff": lambda s, who: s.core.prompts_read.diff(s.actor(who), "Style", 1, 1),
    "prompts_read.preview": lambda s, who: s.core.prompts_read.preview(s.actor(who), TAG, {}),
    "prompts_trail.dependents": lambda s, who: s.core.prompts_trail.dependents(
        s.actor(who), "Style"
    ),
    "prompts_trail.history": lambda s, who: s.core.prompts_trail.history(
        s.actor(who), "Style", Page()
    ),
    "prompts_edit.create": lambda s, who: s.core.prompts_edit.create(
        s.actor(who), PromptDraft(name="Style", prompt="Be kind.", labels=("draft",))
    ),
    "prompts_edit.create [production]": lambda s, who: s.core.prompts_edit.create(
        s.actor(who), PromptDraft(name="Style", prompt="Be kind.", labels=("production",))
    ),
    "prompts_edit.create [new name]": lambda s, who: s.core.prompts_edit.create(
        s.actor(who), PromptDraft(name="New", prompt="Be new.", labels=("production",))
    ),
    "prompts_edit.set_labels": lambda s, who: s.core.prompts_edit.set_labels(
        s.actor(who), "Style", 1, ["production", "tested"]
    ),
    "prompts_edit.set_labels [production]": lambda s, who: s.core.prompts_edit.set_labels(
        s.actor(who), "Voice", 1, ["tested"]
    ),
    "prompts_edit.add_labels": lambda s, who: s.core.prompts_edit.add_labels(
        s.actor(who), "Style", 1, ["tested"]
    ),
    "prompts_edit.add_labels [production]": lambda s, who: s.core.prompts_edit.add_labels(
        s.actor(who), "Draft", 1, ["production"]
    ),
    "prompts_edit.take_label": lambda s, who: s.core.prompts_edit.take_label(
        s.actor(who), "Draft", 1, "draft"
    ),
    "prompts_edit.take_label [production]": lambda s, who: s.core.prompts_edit.take_label(
        s.actor(who), "Voice", 1, "production"
    ),
    "prompts_edit.set_tags": lambda s, who: s.core.prompts_edit.set_tags(
        s.actor(who), "Style", ["kind"]
    ),
    "prompts_port.dump": lambda s, _: s.core.prompts_port.dump(),
    "prompts_port.export": lambda s, who: s.core.prompts_port.export(s.actor(who)),
    "prompts_port.import_": lambda s, who: s.core.prompts_port.import_(s.actor(who), LINE),
    "prompts_port.load": lambda s, _: s.core.prompts_port.load(FILES),
    "prompts_port.pull": lambda s, _: s.core.prompts_port.pull(Elsewhere(), lambda *_: None),
    "prompts_remove.remove": lambda s, who: s.core.prompts_remove.remove(s.actor(who), "Voice"),
    "prompts_remove.remove_version": lambda s, who: s.core.prompts_remove.remove_version(
        s.actor(who), "Voice", 1
    ),
    "prompts_remove.remove_chosen": lambda s, who: s.core.prompts_remove.remove_chosen(
        s.actor(who), "Voice", None, None
    ),
}

PROMPT_BEFORE: dict[str, Callable[[School], Awaitable[None]]] = {
    "prompts_edit.take_label": label_draft,
    "prompts_edit.add_labels [production]": label_draft,
}

PROMPT_READS = frozenset(
    name
    for name in PROMPT_CALLS
    if name.startswith(
        (
            "prompts_read.",
            "prompts_trail.",
            "prompts_port.dump",
            "prompts_port.export",
        )
    )
)
