"""AWS Bedrock that says what a test tells it to."""

from twosigma.domain.credentials import DEFAULT_REGION, NO_CREDENTIALS, Ambient, AwsKeys, Probe


class ScriptedBedrock:
    """`found`: the credentials around the process; `failure`: how trial calls end; `probed`:
    with what they were made."""

    def __init__(self) -> None:
        self.found: Ambient | None = None
        self.failure: str | None = None
        self.probed: list[AwsKeys | None] = []

    @property
    def region(self) -> str:
        return DEFAULT_REGION

    async def ambient(self) -> Ambient | None:
        return self.found

    async def probe(self, keys: AwsKeys | None) -> Probe:
        region = self.region if keys is None else keys.region
        if keys is None and self.found is None:
            return Probe(failure=NO_CREDENTIALS, region=region, latency_ms=0)
        self.probed.append(keys)
        return Probe(failure=self.failure, region=region, latency_ms=12)
