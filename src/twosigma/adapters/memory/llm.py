"""A model that says what a test tells it to."""

from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence

from msgspec import Struct

from twosigma.domain.llm import END_TURN, Delta, End, ModelRefused, Piece, TutorRequest, Usage
from twosigma.ports.clock import Clock


class Pause(Struct, frozen=True):
    """Silence, in seconds of the clock."""

    seconds: float


class Ended(Struct, frozen=True):
    """The reply ends for this reason (without it a script ends its turn)."""

    reason: str


class Refused(Struct, frozen=True):
    """The service refuses here."""

    retryable: bool = False


class Cut(Struct, frozen=True):
    """The stream ends here without a word."""


class Broken(Struct, frozen=True):
    """A defect of the adapter: an error that no contract knows."""


Line = str | Pause | Ended | Usage | Refused | Cut | Broken


class ScriptedLlm:
    """Plays its scripts in their order, then answers with words of its own, no two alike.

    `requests` are the calls in their order; `closed` counts generations that were cancelled;
    a `Usage` in a script is told after the end.
    """

    clock: Clock
    is_metered = True

    def __init__(self) -> None:
        self.requests: list[TutorRequest] = []
        self.closed = 0
        self.parameters: Mapping[str, str | int | float] = {"temperature": 0}
        self.default_model = "scripted/1"
        self._scripts: deque[Sequence[Line]] = deque()

    def say(self, *lines: Line) -> None:
        """The script of the next call: pieces of text, and what goes wrong."""
        self._scripts.append(lines)

    def model_id(self, wanted: str | None) -> str:
        return wanted or self.default_model

    async def reply(self, request: TutorRequest) -> AsyncGenerator[Piece, None]:
        self.requests.append(request)
        number = len(self.requests)
        lines = self._scripts.popleft() if self._scripts else (f"Reply {number} ", "to you.")
        ended = False
        try:
            for line in lines:
                async for piece in self._play(line):
                    yield piece
                if isinstance(line, Cut):
                    ended = True
                    return
            ended = True
            if not any(isinstance(line, Ended) for line in lines):
                yield End(END_TURN)
            for line in lines:
                if isinstance(line, Usage):
                    yield line
        finally:
            self.closed += not ended

    async def _play(self, line: Line) -> AsyncGenerator[Piece, None]:
        match line:
            case str():
                yield Delta(line)
            case Pause(seconds):
                await self.clock.sleep(seconds)
            case Ended(reason):
                yield End(reason)
            case Refused(retryable):
                raise ModelRefused("scripted refusal", retryable=retryable)
            case Broken():
                raise RuntimeError("scripted defect")
            case Cut() | Usage():
                return
