"""Every version that prompts reach, read from the store."""

from collections.abc import Iterable

from msgspec import Struct

from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompt_resolution import MAX_CHAIN, Resolved, resolve
from twosigma.domain.prompts import PromptVersion, refs_in
from twosigma.ports.prompts import PromptsReader

NO_PROMPT = "Prompt not found"


class PromptView(Struct, frozen=True, kw_only=True):
    """A version with its dependencies, in text order, and what it resolves to."""

    prompt: PromptVersion
    dependencies: tuple[Ref, ...]
    resolved: Resolved


async def viewed(prompts: PromptsReader, prompt: PromptVersion) -> PromptView:
    """The version as it resolves now; raises Unresolvable."""
    resolved = resolve(prompt, await read_graph(prompts, [prompt]))
    return PromptView(prompt=prompt, dependencies=refs_in(prompt), resolved=resolved)


async def read_graph(
    prompts: PromptsReader, roots: Iterable[PromptVersion]
) -> dict[Ref, PromptVersion]:
    """Every version that these prompts reach, level by level, as deep as a chain may be."""
    found: dict[Ref, PromptVersion] = {}
    level = list(roots)
    for _ in range(MAX_CHAIN):
        wanted = {ref for prompt in level for ref in refs_in(prompt)} - found.keys()
        if not wanted:
            break
        fresh = await prompts.find(wanted)
        found |= fresh
        level = list(fresh.values())
    return found
