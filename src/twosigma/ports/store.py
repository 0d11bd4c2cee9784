"""The store: one snapshot to read, one transaction to write, the hit path in one call."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from twosigma.ports.accounts import Accounts, AccountsReader, RefreshTokens, RefreshTokensReader
from twosigma.ports.activity import Activity, ActivityReader
from twosigma.ports.catalog import Catalog, CatalogReader
from twosigma.ports.chat import (
    Cache,
    CacheReader,
    Chat,
    ChatReader,
    Epochs,
    EpochsWriter,
    HitPath,
)
from twosigma.ports.content import Content, ContentReader, Modules, ModulesReader
from twosigma.ports.credentials import Credentials, CredentialsReader
from twosigma.ports.enrollments import Enrollments, EnrollmentsReader
from twosigma.ports.feature_requests import FeatureRequests, FeatureRequestsReader
from twosigma.ports.places import Places, PlacesReader
from twosigma.ports.prompts import Prompts, PromptsReader


class Read(Protocol):
    """One snapshot: all that is read in it is of one moment."""

    @property
    def accounts(self) -> AccountsReader: ...
    @property
    def refresh_tokens(self) -> RefreshTokensReader: ...
    @property
    def places(self) -> PlacesReader: ...
    @property
    def catalog(self) -> CatalogReader: ...
    @property
    def enrollments(self) -> EnrollmentsReader: ...
    @property
    def modules(self) -> ModulesReader: ...
    @property
    def content(self) -> ContentReader: ...
    @property
    def chat(self) -> ChatReader: ...
    @property
    def cache(self) -> CacheReader: ...
    @property
    def prompts(self) -> PromptsReader: ...
    @property
    def activity(self) -> ActivityReader: ...
    @property
    def epochs(self) -> Epochs: ...
    @property
    def feature_requests(self) -> FeatureRequestsReader: ...
    @property
    def credentials(self) -> CredentialsReader: ...


class Write(Protocol):
    """One transaction: all or nothing. What a write decides from, it locks first."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def refresh_tokens(self) -> RefreshTokens: ...
    @property
    def places(self) -> Places: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def enrollments(self) -> Enrollments: ...
    @property
    def modules(self) -> Modules: ...
    @property
    def content(self) -> Content: ...
    @property
    def chat(self) -> Chat: ...
    @property
    def cache(self) -> Cache: ...
    @property
    def prompts(self) -> Prompts: ...
    @property
    def activity(self) -> Activity: ...
    @property
    def epochs(self) -> EpochsWriter: ...
    @property
    def feature_requests(self) -> FeatureRequests: ...
    @property
    def credentials(self) -> Credentials: ...


class Store(HitPath, Protocol):
    """Raises Unavailable from any call while the database cannot be reached or is busy."""

    def read(self) -> AbstractAsyncContextManager[Read]: ...

    def write(self) -> AbstractAsyncContextManager[Write]:
        """Commits where the block ends well; a raised error leaves nothing."""
        ...

    async def renew(self, owner: str, lease: float) -> frozenset[str]:
        """Give this process's running turns `lease` more seconds; the ids of those there are.
        One that is not among them was stopped or lost."""
        ...

    async def require_ready(self) -> None:
        """Raise Unavailable unless the database is reachable and migrated."""
        ...
