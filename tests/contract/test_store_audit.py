"""The audit log, the same in every store."""

from msgspec import structs

from tests.contract.builders import LATER, NOBODY, NOW, rolled_back
from twosigma.domain.audit import Action, Entry, EntryFilter, NewEntry
from twosigma.domain.catalog import Page
from twosigma.ports.store import Store

ANY = EntryFilter()
ACT = NewEntry(
    occurred_at=NOW, actor_id=NOBODY, action=Action.USER_ROLE_CHANGED, target_id="7",
    details={"role": {"from": "STUDENT", "to": "INSTRUCTOR"}, "é": ["🎉", None, 1]},
    reason=None,
)  # fmt: skip
READ = structs.replace(ACT, action=Action.TRANSCRIPT_READ, reason="Ticket 7", occurred_at=LATER)
BY_OPERATOR = structs.replace(ACT, actor_id=None, target_id="a/b c", details={})


async def append(store: Store, *entries: NewEntry) -> None:
    async with store.write() as tx:
        for entry in entries:
            await tx.audit.append(entry)


async def found(
    store: Store, wanted: EntryFilter = ANY, page: Page | None = None
) -> tuple[list[Entry], int]:
    async with store.read() as tx:
        rows, total = await tx.audit.entries(wanted, page or Page())
    return list(rows), total


def told(entries: list[Entry]) -> list[NewEntry]:
    fields = NewEntry.__struct_fields__
    return [NewEntry(**{name: getattr(entry, name) for name in fields}) for entry in entries]


async def test_entries_read_back_as_they_were_added_newest_first(store: Store) -> None:
    await append(store, ACT, READ, BY_OPERATOR)
    rows, total = await found(store)
    assert (told(rows), total) == ([BY_OPERATOR, READ, ACT], 3)
    assert [row.id for row in rows] == sorted((row.id for row in rows), reverse=True)


async def test_pages_and_filters(store: Store) -> None:
    await append(store, ACT, READ, BY_OPERATOR)
    rows, total = await found(store, page=Page(skip=1, limit=1))
    assert (told(rows), total) == ([READ], 3)
    assert await found(store, page=Page(skip=9)) == ([], 3)
    for wanted, entries in (
        (EntryFilter(actor_id=NOBODY), [READ, ACT]),
        (EntryFilter(action=Action.TRANSCRIPT_READ), [READ]),
        (EntryFilter(actions=frozenset({Action.TRANSCRIPT_READ})), [READ]),
        (
            EntryFilter(actions=frozenset({Action.USER_ROLE_CHANGED, Action.TRANSCRIPT_READ})),
            [BY_OPERATOR, READ, ACT],
        ),
        (EntryFilter(actions=frozenset()), []),
        (EntryFilter(target_id="a/b c"), [BY_OPERATOR]),
        (EntryFilter(actor_id=NOBODY, target_id="a/b c"), []),
        (EntryFilter(actor_id=1), []),
    ):
        rows, total = await found(store, wanted)
        assert (told(rows), total) == (entries, len(entries))


async def test_an_act_that_is_undone_leaves_no_entry(store: Store) -> None:
    async with rolled_back(store) as tx:
        await tx.audit.append(ACT)
    assert await found(store) == ([], 0)
