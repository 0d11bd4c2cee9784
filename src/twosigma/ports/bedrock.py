"""AWS Bedrock, as the people who look after its credentials see it."""

from typing import Protocol

from twosigma.domain.credentials import Ambient, AwsKeys, Probe


class Bedrock(Protocol):
    @property
    def region(self) -> str:
        """The region that is called with credentials the process finds around it."""
        ...

    async def ambient(self) -> Ambient | None:
        """The credentials that the process finds around it; None where there are none."""
        ...

    async def probe(self, keys: AwsKeys | None) -> Probe:
        """Make a trial call with these credentials (None: those of `ambient`), within 10
        seconds. Fails with NO_CREDENTIALS where there are none; never raises for what AWS
        or the network does."""
        ...
