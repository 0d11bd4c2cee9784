"""Resolve a prompt: put the text of its dependencies, and of theirs, in the place of its tags."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain as chained

from msgspec import Struct, structs

from twosigma.domain.chat_prompts import ChatMessage, Part
from twosigma.domain.errors import Conflict
from twosigma.domain.prompt_refs import Ref, joined, pieces_of, refs_among
from twosigma.domain.prompts import TEXT, PromptVersion, texts_of

MAX_CHAIN = 5
"""The most prompts on one path, the root included."""
MAX_RESOLVED_BYTES = 256 * 1024


class Resolved(Struct, frozen=True, kw_only=True):
    """A prompt with all dependencies inlined: a text's `text`, a chat's `messages`; `graph`: for
    each prompt id with dependencies, the versions it names, each once, in text order."""

    text: str
    messages: tuple[Part, ...] = ()
    graph: Mapping[int, tuple[PromptVersion, ...]]


class Unresolvable(Conflict):
    """A dependency is missing, circular, too deep or not a text; the detail names it."""

    code = "prompt_unresolvable"


def resolve(root: PromptVersion, found: Mapping[Ref, PromptVersion]) -> Resolved:
    """Resolve a version, given every version that the graph below it names.

    Raises Unresolvable where a reference is not in `found`, where a path meets a prompt twice
    or the root's own name again, where a path holds more than `MAX_CHAIN` prompts, where a
    dependency is not a text, and where the result would pass `MAX_RESOLVED_BYTES`.
    """
    resolver = _Resolver(root, found)
    texts = resolver.texts_of_root()
    if root.type == TEXT:
        return Resolved(text=texts[0], graph=resolver.graph)
    return Resolved(text="", messages=_filled(root.messages, texts), graph=resolver.graph)


def _filled(parts: tuple[Part, ...], contents: tuple[str, ...]) -> tuple[Part, ...]:
    """The parts with these contents in their messages."""
    left = iter(contents)
    return tuple(
        structs.replace(part, content=next(left)) if isinstance(part, ChatMessage) else part
        for part in parts
    )


class _Resolver:
    """One resolution. Each version is expanded once, so that fan-out costs no more than the
    graph has edges."""

    def __init__(self, root: PromptVersion, found: Mapping[Ref, PromptVersion]) -> None:
        self._root = root
        self._found = found
        self._known: dict[int, tuple[tuple[str, ...], int]] = {}
        self.graph: dict[int, tuple[PromptVersion, ...]] = {}

    def texts_of_root(self) -> tuple[str, ...]:
        return self._expand(self._root, (self._root,))[0]

    def _expand(
        self, prompt: PromptVersion, path: tuple[PromptVersion, ...]
    ) -> tuple[tuple[str, ...], int]:
        """Its texts, and how many prompts the longest path from here holds."""
        known = self._known.get(prompt.id)
        if known is not None:
            self._require_height(len(path) - 1 + known[1])
            return known
        self._require_height(len(path))
        inlined: dict[Ref, str] = {}
        height, children = 0, {}
        said = [pieces_of(text) for text in texts_of(prompt)]
        for ref in refs_among(chained.from_iterable(said)):
            child = self._child(ref, path)
            children[child.id] = child
            (inlined[ref],), below = self._expand(child, (*path, child))
            height = max(height, below)
        texts = self._inlined(said, inlined)
        if children:
            self.graph[prompt.id] = tuple(children.values())
        self._known[prompt.id] = (texts, height + 1)
        return self._known[prompt.id]

    def _inlined(
        self, said: Sequence[tuple[str | Ref, ...]], inlined: Mapping[Ref, str]
    ) -> tuple[str, ...]:
        """The texts, whose size is looked at before they are built: fan-out grows without
        bound."""
        self._require_size(
            len(piece if isinstance(piece, str) else inlined[piece])
            for pieces in said
            for piece in pieces
        )
        texts = tuple(joined(pieces, inlined) for pieces in said)
        self._require_size(len(text.encode()) for text in texts)
        return texts

    def _require_size(self, lengths: Iterable[int]) -> None:
        if sum(lengths) > MAX_RESOLVED_BYTES:
            raise Unresolvable(f"The resolved text of {self._root.name!r} is too long")

    def _child(self, ref: Ref, path: tuple[PromptVersion, ...]) -> PromptVersion:
        child = self._found.get(ref)
        if child is None:
            raise Unresolvable(f"The prompt {ref} does not exist")
        if child.name == self._root.name or any(child.id == above.id for above in path):
            chain = " → ".join(f"{above.name!r}" for above in (*path, child))
            raise Unresolvable(f"The prompts depend on one another in a circle: {chain}")
        if child.type != TEXT:
            raise Unresolvable(f"The prompt {ref} is not a text prompt")
        return child

    def _require_height(self, chain: int) -> None:
        if chain > MAX_CHAIN:
            raise Unresolvable(
                f"The dependencies of {self._root.name!r} are nested deeper than {MAX_CHAIN}"
            )
