"""Flights: one generation read by many."""

import asyncio

import pytest

from twosigma.adapters.memory.flights import MemoryFlights
from twosigma.domain.cache_tree import Edge
from twosigma.domain.replies import reply_of
from twosigma.domain.turn import STOPPED
from twosigma.ports.flights import Crashed, Flight, Flights, Landed

EDGE = Edge(fingerprint=b"f" * 32, parent_id=0, digest=b"d" * 32)
LANDED = Landed(reply=reply_of(["a", "b"]), reason="end_turn", node_id=7, lead="lead")
CRASHED = Crashed(detail="It broke.")


@pytest.fixture(params=["memory"])
def flights(request: pytest.FixtureRequest) -> Flights:
    """New flights, once for each adapter."""
    return MemoryFlights()


async def read(flight: Flight, reader: str) -> list[str]:
    return [chunk async for chunk in flight.tail(reader)]


async def settled(task: "asyncio.Task[list[str]]") -> bool:
    """Whether a reader is through, once all that could run has run."""
    for _ in range(10):
        await asyncio.sleep(0)
    return task.done()


async def test_the_first_at_an_edge_leads(flights: Flights) -> None:
    flight, leads = await flights.join(EDGE, "lead")
    assert leads
    assert flight.lead == "lead"
    assert flight.outcome("lead") is None


async def test_those_who_come_later_read_the_same_flight(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    other, leads = await flights.join(EDGE, "second")
    assert other is flight
    assert not leads
    assert flight.lead == "lead"


@pytest.mark.parametrize(
    "edge",
    [
        Edge(fingerprint=b"o" * 32, parent_id=0, digest=b"d" * 32),
        Edge(fingerprint=b"f" * 32, parent_id=1, digest=b"d" * 32),
        Edge(fingerprint=b"f" * 32, parent_id=0, digest=b"o" * 32),
    ],
)
async def test_another_edge_is_another_flight(flights: Flights, edge: Edge) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    other, leads = await flights.join(edge, "second")
    assert other is not flight
    assert leads


async def test_a_private_flight_is_never_joined(flights: Flights) -> None:
    flight, leads = await flights.join(None, "one")
    other, leads_too = await flights.join(None, "two")
    assert leads
    assert leads_too
    assert other is not flight
    flight.append("a")
    await flight.end(LANDED)
    assert await read(flight, "one") == ["a"]
    assert other.outcome("two") is None


async def test_every_reader_gets_every_chunk_whenever_it_comes(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    early = asyncio.ensure_future(read(flight, "lead"))
    assert not await settled(early)
    flight.append("a")
    await flights.join(EDGE, "second")
    second = asyncio.ensure_future(read(flight, "second"))
    assert not await settled(second)
    flight.append("b")
    await flight.end(LANDED)
    assert await early == await second == ["a", "b"]
    assert await read(flight, "second") == ["a", "b"]
    assert flight.outcome("lead") == flight.outcome("second") == LANDED


async def test_a_chunk_is_told_at_once(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    tail = flight.tail("lead")
    flight.append("a")
    assert await anext(tail) == "a"
    waiting = asyncio.ensure_future(anext(tail))
    await asyncio.sleep(0)
    flight.append("b")
    async with asyncio.timeout(1):
        assert await waiting == "b"
    await tail.aclose()


async def test_a_crash_ends_it_for_all(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    await flights.join(EDGE, "second")
    flight.append("a")
    await flight.end(CRASHED)
    assert await read(flight, "second") == ["a"]
    assert flight.outcome("lead") == flight.outcome("second") == CRASHED


async def test_the_first_end_counts(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    await flight.end(LANDED)
    await flight.end(CRASHED)
    assert flight.outcome("lead") == LANDED


async def test_a_flight_can_be_joined_until_its_end(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    flight.append("a")
    assert (await flights.join(EDGE, "second"))[0] is flight
    await flight.end(LANDED)
    other, leads = await flights.join(EDGE, "third")
    assert other is not flight
    assert leads


async def test_the_end_of_an_old_flight_does_not_unlist_a_new_one(flights: Flights) -> None:
    old, _ = await flights.join(EDGE, "one")
    assert old.leave("one")
    new, _ = await flights.join(EDGE, "two")
    await old.end(CRASHED)
    assert (await flights.join(EDGE, "three"))[0] is new


async def test_whoever_sees_the_end_can_lead_the_next(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")

    async def read_then_join() -> bool:
        await read(flight, "lead")
        return (await flights.join(EDGE, "next"))[1]

    after = asyncio.ensure_future(read_then_join())
    await asyncio.sleep(0)
    await flight.end(CRASHED)
    assert await after


async def test_the_lead_passes_to_the_next_and_crashes_alone(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    for reader in ("second", "third"):
        await flights.join(EDGE, reader)
    tails = {name: asyncio.ensure_future(read(flight, name)) for name in ("lead", "second")}
    assert flight.pass_lead("No luck.")
    assert flight.lead == "second"
    assert await tails["lead"] == []
    assert flight.outcome("lead") == Crashed(detail="No luck.")
    assert flight.outcome("second") is None
    assert (await flights.join(EDGE, "late"))[0] is flight
    flight.append("a")
    await flight.end(LANDED)
    assert await tails["second"] == ["a"]
    assert flight.outcome("lead") == Crashed(detail="No luck.")
    assert flight.outcome("second") == flight.outcome("late") == LANDED


async def test_the_lead_passes_once(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    for reader in ("second", "third"):
        await flights.join(EDGE, reader)
    assert flight.pass_lead("No luck.")
    assert not flight.pass_lead("Again none.")
    assert flight.lead == "second"
    assert flight.outcome("second") is None


async def test_the_lead_does_not_pass_where_nobody_else_reads(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    assert not flight.pass_lead("No luck.")
    assert flight.outcome("lead") is None
    await flights.join(EDGE, "second")
    flight.leave("second")
    assert not flight.pass_lead("No luck.")
    assert flight.lead == "lead"


async def test_the_lead_does_not_pass_once_something_came(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    await flights.join(EDGE, "second")
    flight.append("a")
    assert not flight.pass_lead("No luck.")
    assert flight.outcome("lead") is None


async def test_the_lead_does_not_pass_after_the_end(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    await flights.join(EDGE, "second")
    await flight.end(CRASHED)
    assert not flight.pass_lead("No luck.")
    assert flight.outcome("lead") == CRASHED


async def test_a_lead_that_was_stopped_passes_it_on_and_stays_stopped(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    await flights.join(EDGE, "second")
    assert not flight.leave("lead")
    assert flight.pass_lead("No luck.")
    assert flight.lead == "second"
    assert flight.outcome("lead") == Crashed(detail=STOPPED)


async def test_a_reader_that_leaves_is_stopped_and_the_others_go_on(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    await flights.join(EDGE, "second")
    flight.append("a")
    tail = flight.tail("second")
    assert await anext(tail) == "a"
    waiting = asyncio.ensure_future(anext(tail, None))
    await asyncio.sleep(0)
    assert not flight.leave("second")
    assert await waiting is None
    assert flight.outcome("second") == Crashed(detail=STOPPED)
    assert flight.outcome("lead") is None
    flight.append("b")
    await flight.end(LANDED)
    assert await read(flight, "lead") == ["a", "b"]
    assert flight.outcome("second") == Crashed(detail=STOPPED)


async def test_a_stopped_reader_is_not_shown_what_it_had_not_read(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    await flights.join(EDGE, "second")
    flight.append("a")
    flight.append("b")
    tail = flight.tail("second")
    assert await anext(tail) == "a"
    flight.leave("second")
    assert [chunk async for chunk in tail] == []


async def test_the_last_to_leave_takes_it_off_the_list(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    await flights.join(EDGE, "second")
    assert not flight.leave("lead")
    assert (await flights.join(EDGE, "third"))[0] is flight
    assert not flight.leave("second")
    assert flight.leave("third")
    other, leads = await flights.join(EDGE, "fourth")
    assert other is not flight
    assert leads


async def test_who_does_not_read_cannot_leave(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    assert not flight.leave("stranger")
    assert flight.leave("lead")
    assert not flight.leave("lead")


async def test_a_reader_that_goes_away_unasked_disturbs_nobody(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "lead")
    await flights.join(EDGE, "second")
    gone = asyncio.ensure_future(read(flight, "second"))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    flight.append("a")
    await flight.end(LANDED)
    assert await read(flight, "lead") == ["a"]
    assert flight.outcome("second") == LANDED


async def test_five_hundred_wait_for_one(flights: Flights) -> None:
    flight, _ = await flights.join(EDGE, "r0")
    for number in range(1, 500):
        assert not (await flights.join(EDGE, f"r{number}"))[1]
    tails = [asyncio.ensure_future(read(flight, f"r{number}")) for number in range(500)]
    for chunk in "abc":
        await asyncio.sleep(0)
        flight.append(chunk)
    await flight.end(LANDED)
    assert await asyncio.gather(*tails) == [["a", "b", "c"]] * 500
