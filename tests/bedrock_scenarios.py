"""What Bedrock may do in a turn, and what comes of it: the table of `docs/bedrock.md`."""

from msgspec import Struct

from tests.bedrock_server import Answer, error_event, event, refuses, replies, speaks, stop, text
from twosigma.domain.llm import Delta, End, Piece
from twosigma.domain.turn import Limits

AMPLE = Limits(first=20, silence=20, whole=60)

TRIED = "503 after 3 tries"
AT_ONCE = "503 after 1 try"
BROKEN = "broken off; nothing is kept"
KEPT = "kept and cached"

A = Delta("a")


def kept_because(reason: str) -> str:
    return f"kept with `stop_reason` `{reason}`; not cached"


class Scenario(Struct, frozen=True, kw_only=True):
    """`answer` None: nothing listens. `pieces` are what the adapter gives, `failure` the class
    that it then refuses with (None: it just ends), `outcome` what learner and store are left
    with, under these `limits`. `fault`: its row in our list of faults."""

    fault: int
    comes: str
    answer: Answer | None
    pieces: tuple[Piece, ...] = ()
    failure: str | None = None
    outcome: str
    limits: Limits = AMPLE


def _refused(fault: int, comes: str, answer: Answer | None, failure: str) -> Scenario:
    """Before the first text: tried again where that may help, which is fault 80."""
    outcome = TRIED if fault == 80 else AT_ONCE
    return Scenario(fault=fault, comes=comes, answer=answer, failure=failure, outcome=outcome)


def _broken(fault: int, comes: str, *blocks: bytes, failure: str | None) -> Scenario:
    """After some text."""
    answer = speaks(text("a"), *blocks)
    return Scenario(
        fault=fault, comes=comes, answer=answer, pieces=(A,), failure=failure, outcome=BROKEN
    )


def _ended(reason: str) -> Scenario:
    """By something else than the model's own end of its turn."""
    return Scenario(
        fault=84,
        comes=f"`messageStop` with `{reason}`",
        answer=replies("a", reason=reason),
        pieces=(A, End(reason)),
        outcome=kept_because(reason),
    )


_HTML = Answer(
    blocks=(b"<html>bad gateway</html>",), status=502, headers={"Content-Type": "text/html"}
)

SCENARIOS = {
    "whole": Scenario(
        fault=92, comes="texts, then `messageStop` with `end_turn`",
        answer=replies("Hel", "lo «é» 🎉\r\ndata: x"),
        pieces=(Delta("Hel"), Delta("lo «é» 🎉\r\ndata: x"), End()), outcome=KEPT,
    ),
    "throttled": _refused(
        80, "429", refuses("ThrottlingException", 429), "ThrottlingException"
    ),
    "server error": _refused(
        80, "500", refuses("InternalServerException", 500), "InternalServerException"
    ),
    "bad gateway": _refused(80, "502 with a page of HTML", _HTML, "HTTP502"),
    "connection refused": _refused(80, "nothing listens", None, "EndpointConnectionError"),
    "throttled in the stream": _refused(
        80, "an error event before any text", speaks(error_event("throttlingException")),
        "ThrottlingException",
    ),
    "expired token": _refused(
        81, "403", refuses("ExpiredTokenException", 403), "ExpiredTokenException"
    ),
    "wrong key": _refused(
        81, "403", refuses("UnrecognizedClientException", 403), "UnrecognizedClientException"
    ),
    "wrong signature": _refused(
        81, "403", refuses("InvalidSignatureException", 403), "InvalidSignatureException"
    ),
    "access denied": _refused(
        81, "403", refuses("AccessDeniedException", 403), "AccessDeniedException"
    ),
    "unknown model": _refused(
        81, "404", refuses("ResourceNotFoundException", 404), "ResourceNotFoundException"
    ),
    "refused request": _refused(
        81, "400", refuses("ValidationException", 400), "ValidationException"
    ),
    "error event": _broken(
        82, "an error event after some text", error_event("modelStreamErrorException"),
        failure="ModelStreamErrorException",
    ),
    "cut": Scenario(
        fault=82, comes="the TCP connection is cut in mid-reply",
        answer=speaks(text("a"), ending="cut"), pieces=(A,), failure="ProtocolError",
        outcome=BROKEN,
    ),
    "bad checksum": _broken(
        82, "a frame whose checksum is wrong", text("b")[:-1] + b"\x00",
        failure="ChecksumMismatch",
    ),
    "unparsable event": _broken(
        82, "an event that is no JSON", event("contentBlockDelta", b"{oops"), failure="Malformed"
    ),
    "unparsable end": _broken(
        82, "a `messageStop` that is no JSON", event("messageStop", b"{"), failure="Malformed"
    ),
    "bytes that are no UTF-8": _broken(
        82, "an event that is no text", event("contentBlockDelta", b'{"delta":"\xff"}'),
        failure="UnicodeDecodeError",
    ),
    "silence": Scenario(
        fault=82, comes="nothing more after some text, for `SILENCE_SECONDS`",
        answer=speaks(text("a"), ending="silence"), pieces=(A,), failure="ReadTimeoutError",
        outcome=BROKEN, limits=Limits(silence=0.4),
    ),
    "clean end without messageStop": _broken(
        83, "the stream ends well, and the model had not said so", failure=None
    ),
    "clean end in half a frame": _broken(
        83, "the stream ends well within `messageStop`", stop()[:-4], failure=None
    ),
    "cut after the end": Scenario(
        fault=82, comes="the TCP connection is cut after `messageStop`",
        answer=speaks(text("a"), stop(), ending="cut"), pieces=(A, End()),
        failure="ProtocolError", outcome=KEPT,
    ),
    "silence after the end": Scenario(
        fault=82, comes="nothing more after `messageStop`",
        answer=speaks(text("a"), stop(), ending="silence"), pieces=(A, End()),
        failure="ReadTimeoutError", outcome=KEPT, limits=Limits(silence=0.4),
    ),
    "unreadable count": Scenario(
        fault=82, comes="`metadata` that are no JSON",
        answer=speaks(text("a"), stop(), event("metadata", b"{")), pieces=(A, End()),
        outcome=KEPT,
    ),
    "max_tokens": _ended("max_tokens"),
    "content_filtered": _ended("content_filtered"),
    "guardrail": _ended("guardrail_intervened"),
    "end_turn without text": Scenario(
        fault=85, comes="`messageStop` and no text before it", answer=replies(), pieces=(End(),),
        outcome=AT_ONCE,
    ),
    "blank text": Scenario(
        fault=85, comes="white space alone", answer=replies(" \n"),
        pieces=(Delta(" \n"), End()), outcome=BROKEN,
    ),
    "slow drip": Scenario(
        fault=86, comes="a little text every now and then, for `TURN_SECONDS`",
        answer=replies(*"a" * 40, pause=0.05), pieces=(*[A] * 40, End()), outcome=BROKEN,
        limits=Limits(whole=1.5),
    ),
}  # fmt: skip

ELSEWHERE = {
    "no credentials": (
        "nothing is stored, and the environment has none", AT_ONCE,
        "test_f81_without_credentials_nobody_is_called",
    ),
    "credentials unreadable": (
        "what is stored cannot be decrypted", AT_ONCE,
        "test_f111_unreadable_credentials_are_not_passed_over",
    ),
    "cancelled": (
        "the learner stops the turn, or nobody reads it any more",
        "the thread is free at once; nothing is kept",
        "test_f88_closing_the_reply_frees_its_thread_at_once",
    ),
    "64 at once": (
        "64 turns need the model", "16 run, 32 wait up to 10 seconds, the rest get 503",
        "test_f87_of_64_at_once_16_run_32_wait_and_the_rest_are_refused",
    ),
}  # fmt: skip
"""Those that a test of its own shows: what comes, outcome, the test."""
