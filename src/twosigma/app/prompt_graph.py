"""Every version that a prompt reaches, read from the store."""

from twosigma.domain.prompt_refs import Ref, refs_of
from twosigma.domain.prompt_resolution import MAX_CHAIN
from twosigma.domain.prompts import PromptVersion
from twosigma.ports.prompts import PromptsReader


async def read_graph(prompts: PromptsReader, root: PromptVersion) -> dict[Ref, PromptVersion]:
    """Every version that a prompt reaches, level by level, as deep as a chain may be."""
    found: dict[Ref, PromptVersion] = {}
    level = refs_of(root.prompt)
    for _ in range(MAX_CHAIN):
        fresh: list[Ref] = []
        for ref in level:
            if ref in found:
                continue
            child = await read_ref(prompts, ref)
            if child is not None:
                found[ref] = child
                fresh.extend(refs_of(child.prompt))
        level = tuple(dict.fromkeys(fresh))
    return found


async def read_ref(prompts: PromptsReader, ref: Ref) -> PromptVersion | None:
    """The version that a reference names."""
    if ref.version is not None:
        return await prompts.version(ref.name, ref.version)
    return await prompts.labeled(ref.name, ref.label or "")
