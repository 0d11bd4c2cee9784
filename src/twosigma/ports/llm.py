"""The tutor's model."""

from collections.abc import AsyncGenerator, Mapping
from typing import Protocol

from twosigma.domain.llm import Delta, End, TutorRequest


class Llm(Protocol):
    """A model that tutors. One call of `reply` is one generation."""

    @property
    def parameters(self) -> Mapping[str, str | int | float]:
        """What shapes a reply besides model and messages (temperature, token limit, …)."""
        ...

    def model_id(self, wanted: str | None) -> str:
        """The id of the model that would answer, given the course's own wish."""
        ...

    def reply(self, request: TutorRequest) -> AsyncGenerator[Delta | End, None]:
        """Stream the reply: deltas, then one End. A generator that ends without End was cut.

        Raises ModelRefused. Closing the generator cancels the call.
        """
        ...
