"""The model port over Bedrock's ConverseStream."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import aclosing

from twosigma.adapters.bedrock.call import Call
from twosigma.adapters.bedrock.render import arguments, pieces_of
from twosigma.adapters.bedrock.sources import Sources
from twosigma.adapters.bedrock.threads import Threads
from twosigma.domain.credentials import AwsKeys
from twosigma.domain.errors import Unavailable
from twosigma.domain.llm import ModelRefused, Piece, TutorRequest, Usage
from twosigma.domain.sealing import Unreadable

Keys = Callable[[], Awaitable[AwsKeys | None]]
"""The credentials that are stored now; None: none are. Raises Unreadable, Unavailable."""


class BedrockLlm:
    """A model on Bedrock. `keys` is asked anew for each call, so that what an admin stores
    counts at once. `temperature` and `max_tokens` (of a reply) go along with each call."""

    def __init__(
        self,
        *,
        keys: Keys,
        sources: Sources,
        threads: Threads,
        default_model: str,
        max_tokens: int = 2_048,
        temperature: float = 0.3,
    ) -> None:
        self._keys = keys
        self._sources = sources
        self._threads = threads
        self._default_model = default_model
        self._parameters = {"temperature": temperature, "max_tokens": max_tokens}

    @property
    def parameters(self) -> Mapping[str, str | int | float]:
        """`temperature` and `max_tokens`."""
        return self._parameters

    @property
    def is_metered(self) -> bool:
        """AWS counts every token."""
        return True

    def model_id(self, wanted: str | None) -> str:
        """The course's wish, else the default model."""
        return wanted or self._default_model

    async def reply(self, request: TutorRequest) -> AsyncGenerator[Piece, None]:
        """The port's `reply`. What a refusal says is the class of the fault: never the
        service's words, the request or a key."""
        keys = await self._stored()
        call = Call(lambda: self._converse(keys, request))
        try:
            await self._threads.start(call.run)
            async with aclosing(call.pieces()) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            call.cancel()

    async def _stored(self) -> AwsKeys | None:
        try:
            return await self._keys()
        except Unreadable:
            # Not to be passed over for what the environment has: an admin stored others.
            raise ModelRefused("the stored AWS credentials cannot be read") from None
        except Unavailable:
            raise ModelRefused(
                "the stored AWS credentials cannot be had now", retryable=True
            ) from None

    def _converse(
        self, keys: AwsKeys | None, request: TutorRequest
    ) -> Generator[Piece, None, None]:
        """In a thread: the pieces up to the End, and the count that follows it; no End where the
        stream ends without one."""
        client = self._sources.of(keys)
        stream = client.converse_stream(**arguments(request))["stream"]
        try:
            for event in stream:
                for piece in pieces_of(event):
                    yield piece
                    if isinstance(piece, Usage):
                        return
        finally:
            stream.close()
