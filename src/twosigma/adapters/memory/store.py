"""The store in memory: immutable snapshots to read, one writer at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from msgspec import structs

from twosigma.adapters.memory.accounts import MemoryAccounts, MemoryRefreshTokens
from twosigma.adapters.memory.activity import MemoryActivity
from twosigma.adapters.memory.api_keys import MemoryApiKeys
from twosigma.adapters.memory.audit import MemoryAudit
from twosigma.adapters.memory.branches import MemoryBranches
from twosigma.adapters.memory.cache import MemoryCache
from twosigma.adapters.memory.catalog import MemoryCatalog
from twosigma.adapters.memory.chat import MemoryChat
from twosigma.adapters.memory.content import MemoryContent
from twosigma.adapters.memory.credentials import MemoryCredentials
from twosigma.adapters.memory.enrollments import MemoryEnrollments
from twosigma.adapters.memory.epochs import MemoryEpochs
from twosigma.adapters.memory.feature_requests import MemoryFeatureRequests
from twosigma.adapters.memory.hits import advance
from twosigma.adapters.memory.invitations import MemoryInvitations
from twosigma.adapters.memory.limits import MemorySignInFailures
from twosigma.adapters.memory.modules import MemoryModules
from twosigma.adapters.memory.overview import MemoryOverview
from twosigma.adapters.memory.password_resets import MemoryPasswordResets
from twosigma.adapters.memory.places import MemoryPlaces
from twosigma.adapters.memory.profiles import MemoryProfiles
from twosigma.adapters.memory.progress import MemoryProgressRecords
from twosigma.adapters.memory.prompts import MemoryPrompts
from twosigma.adapters.memory.repeats import MemoryRepeats
from twosigma.adapters.memory.spending import MemorySpending
from twosigma.adapters.memory.tables import Ids, Tables, Transaction
from twosigma.ports.chat import Hit, HitRequest
from twosigma.ports.clock import Clock


class MemoryRead:
    """The parts of the store over one state of its tables; to be written where that is a branch."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @property
    def accounts(self) -> MemoryAccounts:
        return MemoryAccounts(self._tx)

    @property
    def places(self) -> MemoryPlaces:
        return MemoryPlaces(self._tx)

    @property
    def catalog(self) -> MemoryCatalog:
        return MemoryCatalog(self._tx)

    @property
    def enrollments(self) -> MemoryEnrollments:
        return MemoryEnrollments(self._tx)

    @property
    def invitations(self) -> MemoryInvitations:
        return MemoryInvitations(self._tx)

    @property
    def progress(self) -> MemoryProgressRecords:
        return MemoryProgressRecords(self._tx)

    @property
    def overview(self) -> MemoryOverview:
        return MemoryOverview(self._tx)

    @property
    def modules(self) -> MemoryModules:
        return MemoryModules(self._tx)

    @property
    def branches(self) -> MemoryBranches:
        return MemoryBranches(self._tx)

    @property
    def content(self) -> MemoryContent:
        return MemoryContent(self._tx)

    @property
    def chat(self) -> MemoryChat:
        return MemoryChat(self._tx)

    @property
    def cache(self) -> MemoryCache:
        return MemoryCache(self._tx)

    @property
    def prompts(self) -> MemoryPrompts:
        return MemoryPrompts(self._tx)

    @property
    def activity(self) -> MemoryActivity:
        return MemoryActivity(self._tx)

    @property
    def audit(self) -> MemoryAudit:
        return MemoryAudit(self._tx)

    @property
    def sign_in_failures(self) -> MemorySignInFailures:
        return MemorySignInFailures(self._tx)

    @property
    def repeats(self) -> MemoryRepeats:
        return MemoryRepeats(self._tx)

    @property
    def epochs(self) -> MemoryEpochs:
        return MemoryEpochs(self._tx)

    @property
    def spending(self) -> MemorySpending:
        return MemorySpending(self._tx)

    @property
    def feature_requests(self) -> MemoryFeatureRequests:
        return MemoryFeatureRequests(self._tx)

    @property
    def credentials(self) -> MemoryCredentials:
        return MemoryCredentials(self._tx)

    @property
    def refresh_tokens(self) -> MemoryRefreshTokens:
        return MemoryRefreshTokens(self._tx)

    @property
    def password_resets(self) -> MemoryPasswordResets:
        return MemoryPasswordResets(self._tx)

    @property
    def api_keys(self) -> MemoryApiKeys:
        return MemoryApiKeys(self._tx)

    @property
    def profiles(self) -> MemoryProfiles:
        return MemoryProfiles(self._tx)


class MemoryStore:
    """Leases are counted by `clock`. Writers wait for one another; readers for nobody."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tables = Tables()
        self._ids = Ids()
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[MemoryRead]:
        yield MemoryRead(Transaction(self._tables, self._ids, self._clock))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[MemoryRead]:
        async with self._transaction() as tx:
            yield MemoryRead(tx)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        async with self._writing:
            tables = self._tables.branch()
            try:
                yield Transaction(tables, self._ids, self._clock)
            finally:
                tables.seal()
            self._tables = tables

    async def advance(self, hit: HitRequest) -> Hit | None:
        async with self._transaction() as tx:
            return advance(tx, hit)

    async def renew(self, owner: str, lease: float) -> frozenset[str]:
        async with self._transaction() as tx:
            ends_at = self._clock.now() + timedelta(seconds=lease)
            leases = tx.tables.leases
            own = [(each, held) for each, held in leases.items() if held.owner == owner]
            for session_id, held in own:
                leases.put(session_id, structs.replace(held, ends_at=ends_at))
            return frozenset(held.turn_id for _, held in own)

    async def require_ready(self) -> None:
        """It always is."""
