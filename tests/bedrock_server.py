"""Bedrock's runtime on a loopback port: it answers as it is told, byte by byte, in AWS's event
stream protocol, to the real boto3."""

import json
import ssl
import struct
import sys
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from msgspec import Struct

STREAM = "application/vnd.amazon.eventstream"


def frame(body: bytes, **headers: str) -> bytes:
    """A message of the protocol; an underscore in a header's name is a dash."""
    names = {":" + name.replace("_", "-"): text for name, text in headers.items()}
    packed = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(text)) + text.encode()
        for name, text in names.items()
    )
    prelude = struct.pack(">II", 16 + len(packed) + len(body), len(packed))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    message = prelude + packed + body
    return message + struct.pack(">I", zlib.crc32(message))


def event(kind: str, members: object) -> bytes:
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    return frame(
        body, message_type="event", event_type=kind, content_type="application/json"
    )  # fmt: skip


def text(content: str) -> bytes:
    return event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": content}})


def stop(reason: str = "end_turn") -> bytes:
    return event("messageStop", {"stopReason": reason})


def error_event(kind: str) -> bytes:
    body = json.dumps({"message": "the service's own words"}).encode()
    return frame(body, message_type="exception", exception_type=kind)


START = event("messageStart", {"role": "assistant"})
BLOCK_END = event("contentBlockStop", {"contentBlockIndex": 0})
USAGE = event(
    "metadata",
    {
        "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
        "metrics": {"latencyMs": 7},
    },
)


class Answer(Struct, frozen=True, kw_only=True):
    """What comes back: `blocks` as HTTP chunks, then the body's end, a cut inside a chunk, or
    nothing more until the client goes; `pause` seconds after each. `is_mute`: not even a head."""

    blocks: tuple[bytes, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = {}
    ending: Literal["whole", "cut", "silence"] = "whole"
    pause: float = 0
    is_mute: bool = False


def speaks(*blocks: bytes, **changes: Any) -> Answer:
    """A stream."""
    return Answer(blocks=(START, *blocks), headers={"Content-Type": STREAM}, **changes)


def replies(*texts: str, reason: str = "end_turn", **changes: Any) -> Answer:
    """A whole reply in these pieces."""
    return speaks(*map(text, texts), BLOCK_END, stop(reason), USAGE, **changes)


def refuses(code: str, status: int = 400) -> Answer:
    """An error before the stream, as AWS sends it: its code in a header."""
    body = json.dumps({"message": f"the service's own words about {code}"}).encode()
    headers = {"Content-Type": "application/json", "x-amzn-errortype": f"{code}:http://x/"}
    return Answer(blocks=(body,), status=status, headers=headers)


class BedrockServer:
    """`answer` may change between calls; `gate` holds streams back after their first block until
    it is set. `at_once`: the most calls there were at a time; `asked`: requests of any kind."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.gate = threading.Event()
        self.gate.set()
        self.gone = threading.Event()
        self.url = ""
        self.paths: list[str] = []
        self.heads: list[dict[str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.at_once = 0
        self.asked = 0
        self._now = 0
        self._lock = threading.Lock()

    def count(self, change: int) -> None:
        with self._lock:
            self._now += change
            self.at_once = max(self.at_once, self._now)

    def wait_for(self, calls: int, seconds: float = 5) -> None:
        """Until so many calls have come."""
        end = time.monotonic() + seconds
        while len(self.bodies) < calls:
            assert time.monotonic() < end, f"{len(self.bodies)} calls"
            time.sleep(0.01)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Listener"

    def do_POST(self) -> None:
        scripted = self.server.scripted
        scripted.count(1)
        try:
            length = int(self.headers["Content-Length"])
            scripted.paths.append(self.path)
            scripted.heads.append({name.lower(): text for name, text in self.headers.items()})
            scripted.bodies.append(json.loads(self.rfile.read(length)))
            self._answer(scripted.answer)
        except OSError:
            scripted.gone.set()
        finally:
            scripted.count(-1)

    def do_PUT(self) -> None:
        """A machine's metadata are asked for in this way, and are not there."""
        self.server.scripted.asked += 1
        self.send_error(404)

    def _answer(self, answer: Answer) -> None:
        if answer.is_mute:
            self._wait_for_the_client()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for block in answer.blocks:
            self.wfile.write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
            self.server.scripted.gate.wait(10)
            time.sleep(answer.pause)
        if answer.ending == "whole":
            self.wfile.write(b"0\r\n\r\n")
        elif answer.ending == "cut":
            self.wfile.write(b"ff\r\nhalf")
            self.close_connection = True
        else:
            self._wait_for_the_client()

    def _wait_for_the_client(self) -> None:
        with suppress(ConnectionError):
            self.connection.recv(1)
        self.server.scripted.gone.set()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        """Say nothing."""


class _Listener(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, scripted: BedrockServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripted = scripted

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what is tested here; any other error is a defect."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as given


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[BedrockServer]:
    """A server for one test."""
    scripted = BedrockServer(answer)
    with _Listener(scripted) as server:
        scripted.url = f"http://127.0.0.1:{server.server_port}"
        if tls is not None:
            scripted.url = scripted.url.replace("http:", "https:")
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield scripted
        finally:
            scripted.gate.set()
            server.shutdown()
            thread.join()
