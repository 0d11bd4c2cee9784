"""Mail."""

from typing import Protocol

from twosigma.domain.mail import Letter


class Mail(Protocol):
    async def send(self, letter: Letter) -> None:
        """Hand a letter over to be delivered. Raises whatever error says that it could not be."""
        ...
