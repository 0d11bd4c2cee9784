"""Prompts of another server with Langfuse's API: what a version there becomes here."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from twosigma.domain.checks import Checks
from twosigma.domain.errors import Fault, Loc
from twosigma.domain.prompt_incoming import MAX_NUMBER, Incoming, fit, reached
from twosigma.domain.prompt_refs import Ref, refs_of
from twosigma.domain.prompts import CHAT, TEXT, NewPromptVersion

_RESOLVED = (
    "That server put what it refers to in the place of its references, as older ones do that do "
    "not know resolve=false: update it"
)


class Pulled(Struct, frozen=True, kw_only=True, rename="camel"):
    """A version as it is told there, for raw. `resolution_graph`: what stands in its text in
    place of its references, None where they stand there themselves."""

    name: str
    version: int
    type: object = TEXT
    prompt: object
    config: object = None
    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    commit_message: str | None = None
    resolution_graph: object = None

    @property
    def source(self) -> str:
        """What a person calls it; a terminal takes every sign of it for no more than that."""
        shown = (
            sign if sign.isprintable() and sign != "\\" else ascii(sign)[1:-1] for sign in self.name
        )
        return f"{''.join(shown)} version {self.version}"


def labeled(pulled: Sequence[Pulled]) -> list[Pulled]:
    """Those that bear a label (the newest of a name bears `latest`), and all that these refer
    to."""
    found = {Ref(name=one.name, version=one.version): one for one in pulled}
    found |= {Ref(name=one.name, label=label): one for one in pulled for label in one.labels}

    def referred(one: Pulled) -> list[Pulled]:
        refs = [ref for text in _texts(one.prompt) for ref in refs_of(text)]
        return [found[ref] for ref in refs if ref in found]

    kept = reached(
        (one for one in pulled if one.labels), referred, lambda one: (one.name, one.version)
    )
    return [one for one in pulled if (one.name, one.version) in kept]


def _parts(prompt: object) -> list[Mapping[str, object]] | None:
    """The messages of a chat as they came; None for a text. What is no message has no fields."""
    if isinstance(prompt, str):
        return None
    parts = prompt if isinstance(prompt, list) else [prompt]
    return [part if isinstance(part, dict) else {} for part in parts]


def _texts(prompt: object) -> list[str]:
    """All that a version says, as far as it has a form that we know."""
    parts = _parts(prompt)
    contents = [prompt] if parts is None else [part.get("content") for part in parts]
    return [content for content in contents if isinstance(content, str)]


def incoming(one: Pulled, author: str, now: datetime) -> Incoming:
    """The version as it is kept here; raises Invalid with its faults, each with what it is called
    and the field. Our rules are narrower than Langfuse's; nothing is made to fit."""
    source = one.source

    def at(path: Loc, msg: str) -> Fault:
        remedy = ": rename the prompt there" if path[0] == "name" else ""
        return Fault((source, *path), f"{msg}{remedy}", "value_error")

    checks = Checks()
    checks.that(
        one.name == one.name.strip(), at(("name",), "A name neither begins nor ends with a blank")
    )
    checks.that(
        1 <= one.version <= MAX_NUMBER, at(("version",), f"Not a number from 1 to {MAX_NUMBER}")
    )
    checks.that(one.resolution_graph is None, at(("prompt",), _RESOLVED))
    checks.that(one.type in (TEXT, CHAT), at(("type",), "Neither text nor chat"))
    config = {} if one.config is None else one.config
    checks.that(isinstance(config, dict), at(("config",), "Not a JSON object"))
    new = NewPromptVersion(
        name=one.name,
        type=CHAT if one.type == CHAT else TEXT,
        prompt=one.prompt if isinstance(one.prompt, str) else "",
        config=config if isinstance(config, dict) else {},
        labels=one.labels, tags=one.tags, commit_message=one.commit_message,
        version=one.version, created_by=author, created_at=now,
    )  # fmt: skip
    parts = _parts(one.prompt)
    new = checks.take(
        new, lambda taken: fit(taken, parts, lambda fault: at(fault.loc[1:], fault.msg))
    )
    checks.done()
    return Incoming(source=source, loc=(source,), new=new)
