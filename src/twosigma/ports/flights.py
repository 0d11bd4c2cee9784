"""Flights: one generation of one node that many turns may wait for."""

from collections.abc import AsyncGenerator
from typing import Protocol

from msgspec import Struct

from twosigma.domain.cache_tree import Edge
from twosigma.domain.llm import Usage
from twosigma.domain.replies import Reply


class Landed(Struct, frozen=True, kw_only=True):
    """The generation ended with a reply. `node_id`: the node now at its edge (ours, or the
    winner's of a lost race), if any; `lead`: the turn that led it, None where the node was
    there before a model was called; `usage`: what its call took."""

    reply: Reply
    reason: str
    node_id: int | None = None
    lead: str | None = None
    usage: Usage = Usage()


class Crashed(Struct, frozen=True, kw_only=True):
    """The generation failed for those who still read it. `detail` is fit for the reader."""

    detail: str


class Flight(Protocol):
    """An append-only log of chunks with an end. Readers are turns, known by their ids."""

    @property
    def lead(self) -> str:
        """The turn that leads it now."""
        ...

    def tail(self, reader: str) -> AsyncGenerator[str, None]:
        """Every chunk, from the first on, until the end (for this reader)."""
        ...

    def outcome(self, reader: str) -> Landed | Crashed | None:
        """The end, for this reader; None while it goes on."""
        ...

    def append(self, chunk: str) -> None: ...

    def pass_lead(self, detail: str) -> bool:
        """The lead's call failed with nothing of it come: it crashes for the lead alone and
        the next reader leads. False (and nothing done) where nobody else reads or the lead was
        passed once already."""
        ...

    async def end(self, outcome: Landed | Crashed) -> None:
        """Take it off the list, then tell its readers."""
        ...

    def leave(self, reader: str) -> bool:
        """A reader was stopped. True: it was the last one, and the flight is off the list."""
        ...


class Flights(Protocol):
    async def join(self, edge: Edge | None, reader: str) -> tuple[Flight, bool]:
        """Read the flight at this edge, or start it: (flight, whether the reader leads it).
        A flight at no edge is private: nobody else can join it."""
        ...
