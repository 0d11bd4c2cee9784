"""The hit: a turn answered from the tree in one step."""

from msgspec import structs

from twosigma.adapters.memory.activity import append_event
from twosigma.adapters.memory.cache import find_node
from twosigma.adapters.memory.enrollments import is_learner
from twosigma.adapters.memory.epochs import epochs_of
from twosigma.adapters.memory.messages import append_exchange
from twosigma.adapters.memory.tables import Tables, Transaction
from twosigma.domain.activity import ActivityEvent, Outcome
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import ROOT, CacheState, Node, Position
from twosigma.domain.chat import NewExchange, Session
from twosigma.domain.context import Stamp
from twosigma.domain.users import User
from twosigma.ports.chat import Hit, HitRequest


def advance(tx: Transaction, hit: HitRequest) -> Hit | None:
    """Answer from the tree, or write nothing and give None; `HitPath.advance` has the rules."""
    tables = tx.tables
    session, user = tables.sessions.get(hit.session_id), tables.users.get(hit.user_id)
    if session is None or user is None or session.user_id != user.id or not user.is_active:
        return None
    as_staff = _is_staff(tables, user, session.course_id)
    if not as_staff and not is_learner(tables, user.id, session.course_id):
        return None
    node = _find(tx, session, hit)
    if node is None:
        return None
    message = append_exchange(tx, session, _exchange(hit, node), is_greeting=hit.is_greeting)
    if message is None:
        return None
    position = Position(tree_id=node.tree_id, node_id=node.id)
    done = structs.replace(tables.sessions[session.id], position=position)
    tables.sessions.put(session.id, done)
    append_event(tables, _event(session, user, hit, node, as_staff=as_staff))
    return Hit(turn_id=hit.turn_id, message_id=message.id, node_id=node.id, body=node.body)


def _is_staff(tables: Tables, user: User, course_id: int) -> bool:
    return user.role is Role.PLATFORM_ADMIN or (course_id, user.id) in tables.staff


def _find(tx: Transaction, session: Session, hit: HitRequest) -> Node | None:
    """The node that answers, if the session stands where it may be looked up."""
    place = session.position
    lease = tx.tables.leases.get(session.id)
    if place.state is not CacheState.TRACKING or place.tree_id is None:
        return None
    if lease is not None and tx.clock.now() < lease.ends_at:
        return None
    platform, course = epochs_of(tx.tables, session.course_id)
    if session.stamp != Stamp(platform=platform, course=course, settings=hit.settings):
        return None
    if hit.is_greeting:
        if session.message_count > 0:
            return None
        return find_node(tx.tables, place.tree_id, ROOT, hit.digest)
    if place.node_id is None:
        return None
    return find_node(tx.tables, place.tree_id, place.node_id, hit.digest)


def _exchange(hit: HitRequest, node: Node) -> NewExchange:
    graded = {} if node.graded is None else {"graded": structs.asdict(node.graded)}
    return NewExchange(
        session_id=hit.session_id, turn_id=hit.turn_id, key=hit.key, content=hit.content,
        canonical=hit.canonical, user_meta=graded, reply_id=node.reply_id,
        reply_meta={"source": "cache", "cache_node_id": node.id}, at=hit.now,
    )  # fmt: skip


def _event(
    session: Session, user: User, hit: HitRequest, node: Node, *, as_staff: bool
) -> ActivityEvent:
    return ActivityEvent(
        user_id=user.id, occurred_at=hit.now, time_zone=user.time_zone, kind="chat_turn",
        course_id=session.course_id, content_item_id=session.content_item_id,
        as_staff=as_staff, session_id=session.id, turn_id=hit.turn_id, outcome=Outcome.HIT,
        node_id=node.id, question_id=hit.question_id, answer=hit.answer,
        correct=None if node.graded is None else node.graded.correct,
    )  # fmt: skip
