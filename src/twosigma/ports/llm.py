"""The tutor's model."""

from collections.abc import AsyncGenerator, Mapping
from typing import Protocol

from twosigma.domain.llm import Piece, TutorRequest


class Llm(Protocol):
    """A model that tutors. One call of `reply` is one generation."""

    @property
    def parameters(self) -> Mapping[str, str | int | float]:
        """What shapes a reply besides model and messages (temperature, token limit, …)."""
        ...

    def model_id(self, wanted: str | None) -> str:
        """The id of the model that would answer, given the course's own wish."""
        ...

    @property
    def is_metered(self) -> bool:
        """Whether tokens are counted: what costs nothing is not, and no budget holds it up."""
        ...

    def reply(self, request: TutorRequest) -> AsyncGenerator[Piece, None]:
        """Stream the reply: deltas, then one End. A generator that ends without End was cut.
        What the call took so far, in the service's own count, may come at any time, also after
        the End, as a Usage; the last one counts.

        Raises ModelRefused. Closing the generator cancels the call.
        """
        ...
