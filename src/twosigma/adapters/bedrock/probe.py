"""Trial calls of Bedrock. boto3 is loaded at the first of them, in a thread."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import aclosing

from twosigma.adapters.bedrock.call import Call
from twosigma.adapters.bedrock.sources import Sources
from twosigma.adapters.bedrock.threads import Threads
from twosigma.domain.credentials import Ambient, AwsKeys, Probe
from twosigma.domain.llm import End, ModelRefused, Piece

SECONDS = 10
TIMEOUT = "Timeout"


class BedrockProbe:
    """Asks `model` for one token. `sources` makes the clients' source, once it is needed."""

    def __init__(
        self,
        *,
        sources: Callable[[], Sources],
        model: str,
        region: str,
        threads: Threads,
        seconds: float = SECONDS,
    ) -> None:
        self._sources = sources
        self._model = model
        self._region = region
        self._threads = threads
        self._seconds = seconds

    @property
    def region(self) -> str:
        return self._region

    async def ambient(self) -> Ambient | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await (await self._threads.start(lambda: self._sources().ambient()))
        except (ModelRefused, TimeoutError):
            return None

    async def probe(self, keys: AwsKeys | None) -> Probe:
        loop = asyncio.get_running_loop()
        began = loop.time()
        failure = await self._failure(keys)
        return Probe(
            failure=failure,
            region=self._region if keys is None else keys.region,
            latency_ms=round((loop.time() - began) * 1_000),
        )

    async def _failure(self, keys: AwsKeys | None) -> str | None:
        call = Call(lambda: self._ask(keys))
        try:
            async with asyncio.timeout(self._seconds), aclosing(call.pieces()) as pieces:
                await self._threads.start(call.run)
                async for _ in pieces:
                    pass
        except ModelRefused as refused:
            return refused.detail
        except TimeoutError:
            return TIMEOUT
        finally:
            call.cancel()
        return None

    def _ask(self, keys: AwsKeys | None) -> Generator[Piece, None, None]:
        self._sources().of(keys).converse(
            modelId=self._model,
            messages=[{"role": "user", "content": [{"text": "Hello"}]}],
            inferenceConfig={"maxTokens": 1},
        )
        yield End()
