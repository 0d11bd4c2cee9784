"""Every version that prompts reach, read from the store."""

from collections.abc import Iterable

from twosigma.domain.prompt_refs import Ref, refs_of
from twosigma.domain.prompt_resolution import MAX_CHAIN
from twosigma.domain.prompts import PromptVersion
from twosigma.ports.prompts import PromptsReader


async def read_graph(
    prompts: PromptsReader, roots: Iterable[PromptVersion]
) -> dict[Ref, PromptVersion]:
    """Every version that these prompts reach, level by level, as deep as a chain may be."""
    found: dict[Ref, PromptVersion] = {}
    level = list(roots)
    for _ in range(MAX_CHAIN):
        wanted = {ref for prompt in level for ref in refs_of(prompt.prompt)} - found.keys()
        if not wanted:
            break
        fresh = await prompts.find(wanted)
        found |= fresh
        level = list(fresh.values())
    return found
