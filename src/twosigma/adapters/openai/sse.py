"""Server-sent events out of the bytes of a response, whatever way the network cut them.

After https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream:
lines end with CR, LF or CRLF; a blank line ends an event; what stands after the last blank line
is no event.
"""

from collections.abc import Iterator

from msgspec import Struct

LINE_LIMIT = 262_144
"""Bytes a line, and an event's data, may have."""

_BOM = b"\xef\xbb\xbf"


class Event(Struct, frozen=True, kw_only=True):
    """One event: its name (`message` where it has none) and its data, lines joined by LF."""

    name: str
    data: str


class Malformed(ValueError):
    """The bytes are no event stream: a line without end, or text that is not UTF-8."""


class EventStream:
    """Feed it bytes, get the events that they complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._after_cr = False
        self._is_first = True
        self._name = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, block: bytes) -> Iterator[Event]:
        """The events ended by `block`, in order. Raises Malformed."""
        for line in self._lines(block):
            if line:
                self._field(line)
                continue
            if self._data:
                yield Event(name=self._name or "message", data="\n".join(self._data))
            self._name, self._data, self._size = "", [], 0

    def _lines(self, block: bytes) -> Iterator[str]:
        if self._after_cr and block:
            # The CR ended its line; the LF that belongs to it came in the next block.
            block = block.removeprefix(b"\n")
            self._after_cr = False
        self._after_cr = self._after_cr or block.endswith(b"\r")
        # bytes.splitlines breaks at CR, LF and CRLF only.
        lines = (self._rest + block).splitlines(keepends=True)
        unended = bool(lines) and not lines[-1].endswith((b"\r", b"\n"))
        self._rest = lines.pop() if unended else b""
        for line in lines:
            yield self._text(line.rstrip(b"\r\n"))
        if len(self._rest) > LINE_LIMIT:
            raise Malformed("a line without end")

    def _text(self, line: bytes) -> str:
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(_BOM)
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise Malformed("not UTF-8") from None

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._size += len(value)
            if self._size > LINE_LIMIT:
                raise Malformed("an event without end")
        elif name == "event":
            self._name = value
