"""A mailbox in memory."""

from twosigma.domain.mail import Letter


class MemoryMail:
    """Keeps every letter; `error`, once set, is what sending raises."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.error: Exception | None = None

    async def send(self, letter: Letter) -> None:
        if self.error is not None:
            raise self.error
        self.letters.append(letter)
