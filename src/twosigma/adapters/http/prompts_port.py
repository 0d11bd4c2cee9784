"""Prompts out of this installation and into it, as JSON lines."""

from collections.abc import AsyncGenerator, Sequence
from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.prompt_wire import DESCRIPTION, TAG, Name, Number
from twosigma.adapters.http.reply import NO_STORE, Reply, Streamed
from twosigma.adapters.http.route import Group
from twosigma.app.core import TwoSigma
from twosigma.app.prompts_port import Ported
from twosigma.domain.actor import Actor
from twosigma.domain.prompt_lines import written
from twosigma.domain.prompts import PromptVersion

prompts_port = Group(TAG, DESCRIPTION)

LINES = "application/x-ndjson"
MAX_IMPORT = 32 * 1024 * 1024
PART = 100
"""How many versions are sent at once."""
SAMPLE = (
    '{"name": "Video Tutor", "version": 3, "type": "text", "prompt": "You teach {{title}}.", '
    '"config": {}, "labels": ["production"], "tags": ["tutor"], "commit_message": null}\n'
)
_HEADERS = (
    (b"content-type", LINES.encode()),
    (b"content-disposition", b'attachment; filename="prompts.jsonl"'),
    NO_STORE,
)


class ExportQuery(Struct, frozen=True, kw_only=True):
    current: bool = False


class ImportQuery(Struct, frozen=True, kw_only=True):
    dry_run: bool = False


class PortedOut(Struct, frozen=True, kw_only=True):
    """`version` is the one here that says what the line says; `is_new`: it was not here before."""

    line: Annotated[int, Meta(ge=1, examples=[1])]
    name: Name
    version: Number
    is_new: bool


class ImportOut(Struct, frozen=True, kw_only=True):
    """How many versions are new, and how many were here; each of them, by name and number."""

    dry_run: bool
    added: Annotated[int, Meta(ge=0, examples=[1])]
    known: Annotated[int, Meta(ge=0, examples=[0])]
    versions: list[PortedOut]


@prompts_port.route("GET", "/prompts/export", access=Access.ADMIN, media=LINES, sample=SAMPLE)
async def export_prompts(core: TwoSigma, actor: Actor, query: ExportQuery) -> Reply:
    """Get every version of every prompt, each a line of JSON; a file to download.

    With `current=true` only those that bear labels (`latest` too), and what these refer to.
    """
    versions = await core.prompts_port.export(actor, only_current=query.current)
    return Streamed(200, _HEADERS, _parts(versions))


async def _parts(versions: Sequence[PromptVersion]) -> AsyncGenerator[bytes, None]:
    left = iter(versions)
    while part := b"".join(map(written, islice(left, PART))):
        yield part


@prompts_port.route(
    "POST", "/prompts/import", access=Access.ADMIN, refuses=(400,), takes=LINES,
    max_body=MAX_IMPORT, sample=SAMPLE,
)  # fmt: skip
async def import_prompts(
    core: TwoSigma, actor: Actor, query: ImportQuery, body: bytes
) -> ImportOut:
    """Add the versions that these lines hold, all or none; `dry_run=true` says what it would do.

    What a version says that is here already is left as it is, with its labels and tags. A version
    keeps its number where the name has not come so far yet, else it gets the next. Of a line,
    `created_by` and `created_at` are not read.
    """
    report = await core.prompts_port.import_(actor, body, is_rehearsal=query.dry_run)
    added = sum(one.is_new for one in report)
    return ImportOut(
        dry_run=query.dry_run,
        added=added,
        known=len(report) - added,
        versions=[_ported_out(one) for one in report],
    )


def _ported_out(one: Ported) -> PortedOut:
    return PortedOut(line=int(one.loc[1]), name=one.name, version=one.version, is_new=one.is_new)
