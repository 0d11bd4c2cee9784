"""What the chat shows and reads: Markdown as it comes on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator

import click
from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown
from rich.text import Text

from twosigma.adapters.cli.maths import readable, readable_line

_MARGIN = 4
"""Lines of the terminal that a growing reply leaves free."""


_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])


class Screen:
    """Standard input and output. What is shown cannot steer the terminal."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._console = Console(highlight=False, soft_wrap=not self._is_terminal)

    def say(self, line: str = "") -> None:
        self._console.print(_harmless(line))

    def dim(self, line: str) -> None:
        """Something beside the point."""
        self._console.print(_harmless(line, "dim"))

    def title(self, line: str) -> None:
        self._console.print(_harmless(line, "bold"))

    def markdown(self, text: str) -> None:
        """A whole text: rendered on a terminal, else as it is but for its mathematics."""
        if self._is_terminal:
            self._console.print(Markdown(readable(text.translate(_CONTROLS))))
        else:
            self._console.print(_harmless(readable_line(text)))

    def ask(self, prompt: str) -> str | None:
        """The next line that is typed, trimmed; None at the end of the input."""
        if not self._is_terminal:
            line = sys.stdin.readline()
            return line.strip() if line else None
        try:
            return input(f"{prompt} ").strip()
        except EOFError:
            self.say()
            return None

    def ask_secret(self, prompt: str) -> str | None:
        """A password; None where nobody can be asked."""
        return str(click.prompt(prompt, hide_input=True)) if self._is_terminal else None

    def reply(self, pieces: Iterator[str]) -> str:
        """Show a reply while it comes; gives the whole of it. What the pieces raise passes."""
        text = ""
        if not self._is_terminal:
            text = "".join(pieces)
            self.markdown(text)
            return text
        with Live(console=self._console, transient=True, refresh_per_second=12) as live:
            for piece in pieces:
                text += piece.translate(_CONTROLS)
                live.update(Markdown(self._tail(readable(text))))
        self.markdown(text)
        return text

    def _tail(self, text: str) -> str:
        """As much of the end as fits, so that what is new is always seen."""
        lines = text.splitlines()
        return "\n".join(lines[-max(self._console.height - _MARGIN, 5) :])


def _harmless(line: str, style: str = "") -> Text:
    return Text(line.translate(_CONTROLS), style=style)
