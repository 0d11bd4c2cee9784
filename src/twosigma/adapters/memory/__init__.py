"""Everything in memory: for tests, for trying out, for one process that may forget."""

from twosigma.adapters.memory.flights import MemoryFlights
from twosigma.adapters.memory.store import MemoryStore

__all__ = ["MemoryFlights", "MemoryStore"]
