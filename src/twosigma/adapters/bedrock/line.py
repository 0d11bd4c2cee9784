"""The connection of a call that works in a thread, to be cut from another.

Closing a stream does not wake a thread that waits for it; shutting its socket down does.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_here = threading.local()


class Line:
    """One call's connection, whatever socket it has at the moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_cut = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within this block, connections of this thread are this line's. After it they may be
        another's, so they are let go of."""
        _here.line = self
        try:
            yield
        finally:
            _here.line = None
            self._follow(None)

    def cut(self) -> None:
        """Whoever waits for the connection, or makes one later, is told that it is closed."""
        with self._lock:
            self.is_cut = True
            self._shut()

    def _follow(self, used: socket.socket | None) -> None:
        with self._lock:
            self._socket = used
            if self.is_cut:
                self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                # Past TLS, whose farewell would wait for the other side.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def follow(used: object) -> None:
    """The connection that this thread works on now has this socket."""
    line: Line | None = getattr(_here, "line", None)
    if line is not None:
        line._follow(used if isinstance(used, socket.socket) else None)  # noqa: SLF001 -- of this module
