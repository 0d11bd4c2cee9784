"""The port `PromptSource` over Langfuse's public API."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from msgspec import Struct

from twosigma.adapters.langfuse.client import Client
from twosigma.domain.errors import Unavailable
from twosigma.domain.prompt_pull import Pulled
from twosigma.ports.prompt_sources import OnProgress

AT_ONCE = 4
MAX_VERSIONS = 100_000
_READINGS = 3
_PAGE = 100
_DOTS = {".": "%2E", "..": "%2E%2E"}


class _Row(Struct, frozen=True, rename="camel"):
    """A prompt as the list shows it. It changes when one of its versions does."""

    name: str
    versions: tuple[int, ...]
    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    last_updated_at: str = ""


class _Meta(Struct, frozen=True, rename="camel"):
    total_pages: int


class _Page(Struct, frozen=True):
    data: tuple[_Row, ...]
    meta: _Meta


_Listing = Mapping[str, frozenset[_Row]]
"""What the list shows of each name: one row, but for odd servers, and for a page that moved on
while it was read."""


class LangfusePrompts:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def versions(self, on_progress: OnProgress) -> Sequence[Pulled]:
        """The port's `versions`: what changed meanwhile is read again, until the list says the
        same before and after."""
        had: dict[str, tuple[frozenset[_Row], list[Pulled]]] = {}
        gone: str | None = None
        readings = 0
        while True:
            listing = await self._listing()
            had = {name: one for name, one in had.items() if listing.get(name) == one[0]}
            wanted = {name: rows for name, rows in listing.items() if name not in had}
            if not wanted:
                return [version for name in listing for version in had[name][1]]
            if readings == _READINGS:
                raise self._restless(gone)
            readings += 1
            read, gone = await self._read(wanted, on_progress)
            had |= {name: (wanted[name], versions) for name, versions in read.items()}

    def _restless(self, gone: str | None) -> Unavailable:
        host = self._client.host
        if gone is not None:
            return Unavailable(f"{host} lists {gone} and does not have it (404)")
        return Unavailable(f"{host} changes faster than it can be read: try again")

    async def _listing(self) -> _Listing:
        rows: dict[str, frozenset[_Row]] = defaultdict(frozenset)
        number, total = 1, 0
        while True:
            query = {"page": str(number), "limit": str(_PAGE)}
            page = await self._client.get("/v2/prompts", query, _Page)
            if page is None:
                raise Unavailable(
                    f"{self._client.host} has no API of Langfuse: is the address right?"
                )
            for row in page.data:
                rows[row.name] |= {row}
            total += sum(len(row.versions) for row in page.data)
            if total > MAX_VERSIONS:
                raise Unavailable(f"{self._client.host} has more than {MAX_VERSIONS} versions")
            # Some count the pages wrongly where rows of one name differ.
            if not page.data or (number >= page.meta.total_pages and len(page.data) < _PAGE):
                return rows
            number += 1

    async def _read(
        self, listing: _Listing, on_progress: OnProgress
    ) -> tuple[dict[str, list[Pulled]], str | None]:
        """All versions of each name, but for names of which one was gone; and such a one."""
        wanted = [
            (name, number)
            for name, rows in listing.items()
            for number in sorted({number for row in rows for number in row.versions})
        ]
        found: dict[tuple[str, int], Pulled | None] = {}
        waiting = iter(wanted)

        async def work() -> None:
            for name, number in waiting:
                found[name, number] = await self._version(name, number)
                on_progress(len(found), len(wanted))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(work())
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        gone = [key for key in wanted if found[key] is None]
        names = listing.keys() - {name for name, _ in gone}
        read: dict[str, list[Pulled]] = {name: [] for name in listing if name in names}
        for name, number in wanted:
            version = found[name, number]
            if version is not None and name in names:
                read[name].append(version)
        return read, _called(*gone[0]) if gone else None

    async def _version(self, name: str, number: int) -> Pulled | None:
        segment = _DOTS.get(name) or quote(name, safe="")
        query = {"version": str(number), "resolve": "false"}
        try:
            version = await self._client.get(f"/v2/prompts/{segment}", query, Pulled)
        except Unavailable as failed:
            raise Unavailable(f"{_called(name, number)}: {failed.detail}") from None
        if version is not None and (version.name, version.version) != (name, number):
            raise Unavailable(f"{_called(name, number)}: {version.source} is answered instead")
        return version


def _called(name: str, number: int) -> str:
    return Pulled(name=name, version=number, prompt="").source
