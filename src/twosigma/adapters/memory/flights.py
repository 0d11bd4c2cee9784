"""Flights of one process: its readers die with it, so they need no lease."""

import asyncio
from collections.abc import AsyncGenerator

from twosigma.domain.cache_tree import Edge
from twosigma.domain.turn import STOPPED
from twosigma.ports.flights import Crashed, Landed


class MemoryFlight:
    """The log of one generation. It can be joined until its end is told."""

    def __init__(self, flights: "MemoryFlights", edge: Edge | None, lead: str) -> None:
        self.edge = edge
        self._flights = flights
        self._lead = lead
        self._readers: list[str] = []
        self._chunks: list[str] = []
        self._outcome: Landed | Crashed | None = None
        self._own_ends: dict[str, Crashed] = {}
        self._was_passed = False
        self._news = asyncio.Event()

    @property
    def lead(self) -> str:
        return self._lead

    def add(self, reader: str) -> None:
        """One more reader."""
        self._readers.append(reader)

    async def tail(self, reader: str) -> AsyncGenerator[str, None]:
        at = 0
        while reader not in self._own_ends:
            if at < len(self._chunks):
                yield self._chunks[at]
                at += 1
            elif self._outcome is not None:
                return
            else:
                await self._news.wait()

    def outcome(self, reader: str) -> Landed | Crashed | None:
        return self._own_ends.get(reader, self._outcome)

    def append(self, chunk: str) -> None:
        self._chunks.append(chunk)
        self._wake()

    def pass_lead(self, detail: str) -> bool:
        others = [reader for reader in self._readers if reader != self._lead]
        if self._was_passed or self._chunks or self._outcome is not None or not others:
            return False
        self._was_passed = True
        # A lead that was stopped has left already, and has its own end.
        self._own_ends.setdefault(self._lead, Crashed(detail=detail))
        self._readers, self._lead = others, others[0]
        self._wake()
        return True

    async def end(self, outcome: Landed | Crashed) -> None:
        if self._outcome is None:
            self._flights.unlist(self)
            self._outcome = outcome
            self._wake()

    def leave(self, reader: str) -> bool:
        if reader not in self._readers:
            return False
        self._readers.remove(reader)
        self._own_ends[reader] = Crashed(detail=STOPPED)
        if not self._readers:
            self._flights.unlist(self)
        self._wake()
        return not self._readers

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class MemoryFlights:
    """The flights that can be joined, by their edges."""

    def __init__(self) -> None:
        self._listed: dict[Edge, MemoryFlight] = {}

    async def join(self, edge: Edge | None, reader: str) -> tuple[MemoryFlight, bool]:
        flight = self._listed.get(edge) if edge is not None else None
        if flight is not None:
            flight.add(reader)
            return flight, False
        flight = MemoryFlight(self, edge, reader)
        flight.add(reader)
        if edge is not None:
            self._listed[edge] = flight
        return flight, True

    def unlist(self, flight: MemoryFlight) -> None:
        """Nobody can join this flight any more."""
        if flight.edge is not None and self._listed.get(flight.edge) is flight:
            del self._listed[flight.edge]
