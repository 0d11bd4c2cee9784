"""The installation's AWS credentials, of which there is one set at most."""

from typing import Protocol

from twosigma.domain.credentials import CredentialsTest, StoredCredentials


class CredentialsReader(Protocol):
    async def get(self) -> StoredCredentials | None:
        """What is stored; None where nothing is."""
        ...

    async def last_test(self) -> CredentialsTest | None:
        """The last trial, of whatever credentials; None before the first."""
        ...


class Credentials(CredentialsReader, Protocol):
    async def lock(self) -> StoredCredentials | None:
        """What is stored, held until the transaction ends."""
        ...

    async def put(self, credentials: StoredCredentials) -> None:
        """Store these in the place of any that are there."""
        ...

    async def put_test(self, test: CredentialsTest) -> None:
        """Remember this trial in the place of the last."""
        ...

    async def remove(self) -> None:
        """Erase what is stored, if anything is."""
        ...
