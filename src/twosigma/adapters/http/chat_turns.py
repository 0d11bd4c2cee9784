"""Chat, one exchange: send, greet, stop, follow. All answers are Server-Sent Events."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.chat_sessions import SessionPath
from twosigma.adapters.http.reply import Reply
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.sse import EVENTS, event_stream
from twosigma.adapters.http.wire import checked
from twosigma.app.core import TwoSigma
from twosigma.domain import values

turns = Group("Chat", "AI tutoring chat sessions")

Content = Annotated[str | dict[str, Any], Meta(examples=["Explain recursion"])]


class SendMessageBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text, or an object as `{"questionId": 1, "answer": "A"}`."""

    content: Content

    def __repr__(self) -> str:
        return "SendMessageBody(…)"


class FollowTurnQuery(Struct, frozen=True, kw_only=True):
    turn: Annotated[
        str | None,
        checked(
            lambda text, loc: values.long_text(text, loc, 64, 1), "5f0c…", minLength=1, maxLength=64
        ),
    ] = None
    after: Annotated[int, Meta(ge=0, le=2**31 - 1, description="Events the client has")] = 0


@turns.route(
    "POST", "/chat/sessions/{session_id}/messages", access=Access.TURN, refuses=(400, 403, 404),
    media=EVENTS,
    is_hot=True,
)  # fmt: skip
async def send_message(
    core: TwoSigma, user_id: int, path: SessionPath, body: SendMessageBody, key: str | None
) -> Reply:
    """Send a message and stream the tutor's answer.

    A quiz answer that another learner on the same path gave before is answered from the cache,
    in the same events.
    """
    return event_stream(await core.chat_turns.send(user_id, path.session_id, body.content, key))


@turns.route(
    "POST", "/chat/sessions/{session_id}/greeting", access=Access.TURN, refuses=(400, 403, 404),
    media=EVENTS,
    is_hot=True,
)  # fmt: skip
async def generate_greeting(
    core: TwoSigma, user_id: int, path: SessionPath, key: str | None
) -> Reply:
    """Stream the session's greeting: made at first, replayed after that."""
    return event_stream(await core.chat_turns.greet(user_id, path.session_id, key))


@turns.route(
    "DELETE", "/chat/sessions/{session_id}/turn", access=Access.TURN, status=204, refuses=(404,)
)
async def stop_turn(core: TwoSigma, user_id: int, path: SessionPath) -> None:
    """Stop the running turn; nothing of it is kept."""
    await core.chat_turns.stop(user_id, path.session_id)


@turns.route(
    "GET", "/chat/sessions/{session_id}/stream", access=Access.TURN, refuses=(404,), media=EVENTS
)
async def follow_turn(
    core: TwoSigma, user_id: int, path: SessionPath, query: FollowTurnQuery
) -> Reply:
    """Read along with a turn, after the events that the client has already; 204 if none is left."""
    turn = await core.chat_turns.stream(user_id, path.session_id, query.turn, query.after)
    return event_stream(turn)
