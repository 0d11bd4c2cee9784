"""The installation's AWS credentials."""

from twosigma.adapters.memory.tables import Transaction
from twosigma.domain.credentials import CredentialsTest, StoredCredentials

SLOT = 1
"""The key of the one set there is."""


class MemoryCredentials:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables

    async def get(self) -> StoredCredentials | None:
        return self._tables.credentials.get(SLOT)

    async def last_test(self) -> CredentialsTest | None:
        return self._tables.credentials_tests.get(SLOT)

    async def lock(self) -> StoredCredentials | None:
        return self._tables.credentials.get(SLOT)

    async def put(self, credentials: StoredCredentials) -> None:
        self._tables.credentials.put(SLOT, credentials)

    async def put_test(self, test: CredentialsTest) -> None:
        self._tables.credentials_tests.put(SLOT, test)

    async def remove(self) -> None:
        self._tables.credentials.pop(SLOT)
