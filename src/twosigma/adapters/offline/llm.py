"""The model port without a network."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from twosigma.adapters.offline.chunks import chunks
from twosigma.adapters.offline.tutor import compose
from twosigma.domain.llm import Delta, End, Piece, TutorRequest

MODEL_ID = "offline/1"
"""Its number goes up whenever a reply can come out otherwise than before."""


class OfflineLlm:
    """Teaches from the item itself; the same request always gives the same pieces.

    `pause` is awaited between two pieces, to let a reader see them arrive.
    """

    def __init__(self, *, pause: Callable[[], Awaitable[None]] | None = None) -> None:
        self._pause = pause

    @property
    def parameters(self) -> Mapping[str, str | int | float]:
        """None: nothing but the request shapes a reply."""
        return {}

    @property
    def is_metered(self) -> bool:
        """Nothing is counted: it costs nothing."""
        return False

    def model_id(self, wanted: str | None) -> str:  # noqa: ARG002 -- the port's signature
        """Always this tutor, whatever model the course wishes for."""
        return MODEL_ID

    async def reply(self, request: TutorRequest) -> AsyncGenerator[Piece, None]:
        """The port's `reply`; it is never refused and never cut."""
        for number, piece in enumerate(chunks(compose(request))):
            if number and self._pause is not None:
                await self._pause()
            yield Delta(piece)
        yield End()
