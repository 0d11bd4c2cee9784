"""Cached turns over HTTP: the service and the limit, in turn, over one database."""

from collections.abc import Sequence

from msgspec import Struct

from bench.load import Job, Report, Walk
from bench.processes import Backends, Learners, Server, middle
from bench.world import World, add_sessions, body_of
from twosigma.adapters.sql.store import SqlStore

LOADS = {1: 204, 32: 102, 256: 25}
"""How many turns each of so many learners takes in a round."""


class Sample(Struct, frozen=True, kw_only=True):
    """One server in one round: turns a second, milliseconds, and microseconds of CPU a turn."""

    rate: float
    p50: float
    p99: float
    server: float
    database: float

    @property
    def cpu(self) -> float:
        return self.server + self.database


Pair = tuple[Sample, Sample]
"""The limit and the service, one right after the other."""


class Bench(Struct, frozen=True, kw_only=True):
    """What a measurement of turns needs."""

    store: SqlStore
    world: World
    backends: Backends
    learners: Learners


async def measure(
    bench: Bench, limit: Server, service: Server, rounds: int
) -> dict[int, list[Pair]]:
    """Pairs by the number of learners. Who comes first alternates; warm-ups are not counted."""
    pairs: dict[int, list[Pair]] = {count: [] for count in LOADS}
    for server in (limit, service):
        await _sample(bench, server, 32, 51)
    for number in range(rounds):
        for count, turns in LOADS.items():
            order = (limit, service) if number % 2 == 0 else (service, limit)
            taken = {server.pid: await _sample(bench, server, count, turns) for server in order}
            pairs[count].append((taken[limit.pid], taken[service.pid]))
    return pairs


async def _sample(bench: Bench, server: Server, count: int, turns: int) -> Sample:
    job = await job_of(bench, server.port, count, turns)
    backends = await bench.backends.cpu_seconds(server.name)
    before = server.cpu()
    report: Report = await bench.learners.drive(job)
    spent = server.cpu() - before
    if report.refused:
        raise SystemExit(f"{server.name} gave a wrong answer: {report.refusal}")
    return Sample(
        rate=report.turns / report.seconds, p50=report.p50, p99=report.p99,
        server=spent / report.turns * 1e6,
        database=(await bench.backends.cpu_seconds(server.name) - backends) / report.turns * 1e6,
    )  # fmt: skip


async def job_of(bench: Bench, port: int, count: int, turns: int) -> Job:
    """So many learners, each with sessions enough for so many turns."""
    world = bench.world
    each = -(-turns // len(world.contents))
    accounts = world.accounts[:count]
    users = [user for user, _ in accounts for _ in range(each)]
    sessions = await add_sessions(bench.store, world, users)
    walks = [
        Walk(token, sessions[number * each : (number + 1) * each])
        for number, (_, token) in enumerate(accounts)
    ]
    bodies = [body_of(content) for content in world.contents]
    return Job(port=port, walks=walks, bodies=bodies, turns=turns)


def lines(database: str, pairs: dict[int, list[Pair]]) -> list[str]:
    """The table of one database."""
    shown = [
        f"{database}: cached turns over HTTP, the service against the limit",
        "  learners  turns/s kept        CPU a turn          turns/s        p50 ms       p99 ms"
        "       server us    database us",
    ]
    for count, taken in pairs.items():
        limits, services = [pair[0] for pair in taken], [pair[1] for pair in taken]
        kept = [service.rate / one.rate for one, service in taken]
        cost = [service.cpu / one.cpu for one, service in taken]
        shown.append(
            f"  {count:>8}  {_spread(kept)}  {_spread(cost, 'x')}"
            f"  {_both(limits, services, 'rate', '6.0f')}"
            f"  {_both(limits, services, 'p50', '5.1f')}  {_both(limits, services, 'p99', '5.1f')}"
            f"  {_both(limits, services, 'server', '4.0f')}"
            f"  {_both(limits, services, 'database', '4.0f')}"
        )
    return shown


def _spread(values: Sequence[float], unit: str = "") -> str:
    text = f"{middle(values):.2f}{unit} ({min(values):.2f}-{max(values):.2f})"
    return f"{text:<18}"


def _both(limits: list[Sample], services: list[Sample], name: str, form: str) -> str:
    return " / ".join(
        format(middle(getattr(sample, name) for sample in samples), form)
        for samples in (limits, services)
    )
