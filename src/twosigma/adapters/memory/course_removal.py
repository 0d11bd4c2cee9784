"""A course deleted with all below it."""

from twosigma.adapters.memory.cache import MemoryCache
from twosigma.adapters.memory.chat import MemoryChat
from twosigma.adapters.memory.invitations import erase_invitations
from twosigma.adapters.memory.tables import Tables, Transaction


def erase_offering(tables: Tables, offering_id: int) -> bool:
    """Erase an offering with its invitations; False where it has an enrollment."""
    if tables.enrollments_of_offering.get(offering_id):
        return False
    erase_invitations(tables, offering_id)
    offering = tables.offerings.pop(offering_id)
    if offering is not None:
        of_course = tables.offerings_of_course[offering.course_id]
        left = tuple(each for each in of_course if each != offering_id)
        tables.offerings_of_course.put(offering.course_id, left)
    return True


async def erase_course(tx: Transaction, course_id: int) -> frozenset[str] | None:
    """Erase a course; the turns that ran in its sessions, or None where it has an enrollment."""
    tables = tx.tables
    offerings = tables.offerings_of_course.get(course_id) or ()
    if any(tables.enrollments_of_offering.get(each) for each in offerings):
        return None
    turns = await _erase_chat(tx, course_id)
    for each in offerings:
        erase_offering(tables, each)
    tables.offerings_of_course.pop(course_id)
    for each in tables.items_of_course.pop(course_id) or ():
        tables.items.pop(each)
    for each in tables.modules_of_course.pop(course_id) or ():
        tables.modules.pop(each)
    for place in [place for place, _ in tables.staff.items() if place[0] == course_id]:
        tables.staff.pop(place)
    return turns


async def _erase_chat(tx: Transaction, course_id: int) -> frozenset[str]:
    """The sessions first: no tree has to take them off then."""
    every = list(tx.tables.sessions.values())
    sessions = [session for session in every if session.course_id == course_id]
    turns = [s.turn.id for s in sessions if s.turn is not None and s.turn.is_running]
    for session in sessions:
        await MemoryChat(tx).remove(session.id)
    cache = MemoryCache(tx)
    for tree in await cache.trees(None, course_id):
        await cache.prune(tree.id, tx.clock.now())
    return frozenset(turns)
