"""A course's pages and reports of progress over HTTP: the service and the limit, in turn.

The limit runs the very statements of the service, which are written down from it first.
"""

import json
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import Engine, event

from bench.layers import core_over, receiving, scope_of
from bench.limit_pages import NAME, Statements
from bench.load import Job
from bench.processes import Backends, Learners, Server, limit, middle, service
from bench.world import World
from twosigma.adapters.http.app import create_app
from twosigma.adapters.sql.store import SqlStore

LEARNERS = 8
REQUESTS = 50
"""Of each learner in a round."""


class Page(Struct, frozen=True, kw_only=True):
    """What is asked for."""

    name: str
    method: str
    path: str
    body: bytes = b""


class Sample(Struct, frozen=True, kw_only=True):
    """One server in one round: requests a second; microseconds of CPU a request."""

    rate: float
    server: float
    database: float

    @property
    def cpu(self) -> float:
        return self.server + self.database


def pages_of(world: World, module_id: int, offering_id: int) -> list[Page]:
    report = {
        "content_item_id": world.item_id, "course_offering_id": offering_id,
        "progress_percent": 40,
    }  # fmt: skip
    return [
        Page(name="course", method="GET", path=f"/api/v1/courses/{world.course_id}"),
        Page(
            name="its modules", method="GET",
            path=f"/api/v1/modules/courses/{world.course_id}/modules",
        ),
        Page(
            name="content of a module", method="GET",
            path=f"/api/v1/content/modules/{module_id}/content",
        ),
        Page(
            name="report of progress", method="POST", path="/api/v1/progress/content",
            body=json.dumps(report).encode(),
        ),
    ]  # fmt: skip


async def measure(
    database: str, folder: Path, store: SqlStore, world: World, load: Learners, rounds: int
) -> dict[str, list[tuple[Sample, Sample]]]:
    """Pairs by page. Who comes first alternates; warm-ups are not counted."""
    async with store.read() as tx:
        (offering,) = await tx.catalog.offerings(world.course_id)
    pages = pages_of(world, world.module_id, offering.id)
    tokens = [token for _, token in world.accounts[:LEARNERS]]
    script = folder / "pages.script"
    script.write_bytes(pickle.dumps(await _script(store, pages, tokens)))
    backends = Backends(None if database.startswith("sqlite") else database)
    pairs: dict[str, list[tuple[Sample, Sample]]] = {page.name: [] for page in pages}
    async with (
        limit("bench.limit_pages", database, folder, str(script), NAME) as bare,
        service(database, folder, {"TWOSIGMA_RATE_LIMITS": "off"}) as whole,
    ):
        for number in range(-1, rounds):
            order = (bare, whole) if number % 2 == 0 else (whole, bare)
            for page in pages:
                taken = {
                    server.pid: await _sample(server, page, tokens, load, backends)
                    for server in order
                }
                if number >= 0:
                    pairs[page.name].append((taken[bare.pid], taken[whole.pid]))
    return pairs


async def _script(
    store: SqlStore, pages: list[Page], tokens: list[str]
) -> dict[tuple[str, str], Statements]:
    """What each request runs; asked twice, for the first report of a learner is no usual one."""
    app: Any = create_app(core_over(store))
    script: dict[tuple[str, str], Statements] = {}
    async with app.lifespan():
        for token in tokens:
            for page in pages * 2:
                with _noted() as ran:
                    await app(
                        scope_of(page.method, page.path, token, page.body),
                        receiving(page.body), _expect_200,
                    )  # fmt: skip
                script[page.path, f"Bearer {token}"] = list(ran)
    return script


@contextmanager
def _noted() -> Iterator[list[tuple[str, tuple[Any, ...]]]]:
    """The statements of this block with their values."""
    ran: list[tuple[str, tuple[Any, ...]]] = []

    known: list[object] = []

    def note(_conn: Any, _cursor: Any, text: str, values: Any, context: Any, _many: Any) -> None:
        # An engine that is another in other words tells of a statement twice.
        if not text.startswith("BEGIN") and context not in known:
            known.append(context)
            ran.append((text, tuple(values)))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def _expect_200(message: Any) -> None:
    assert message.get("status", 200) == 200, message


async def _sample(
    server: Server, page: Page, tokens: list[str], load: Learners, backends: Backends
) -> Sample:
    requests = [[_request(page, token)] * REQUESTS for token in tokens]
    database, before = await backends.cpu_seconds(server.name), server.cpu()
    report = await load.drive(Job(port=server.port, requests=requests))
    spent = server.cpu() - before
    if report.refused:
        raise SystemExit(f"{server.name} gave a wrong answer: {report.refusal}")
    return Sample(
        rate=report.turns / report.seconds, server=spent / report.turns * 1e6,
        database=(await backends.cpu_seconds(server.name) - database) / report.turns * 1e6,
    )  # fmt: skip


def _request(page: Page, token: str) -> bytes:
    return (
        f"{page.method} {page.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(page.body)}\r\n\r\n".encode()
        + page.body
    )


def lines(database: str, pairs: dict[str, list[tuple[Sample, Sample]]]) -> list[str]:
    """The table of one database."""
    shown = [
        f"{database}: a course's pages over HTTP, {LEARNERS} learners, the service against the"
        " limit",
        "  page                  requests/s kept     CPU a request       limit us      service us",
    ]
    for name, taken in pairs.items():
        kept = [whole.rate / bare.rate for bare, whole in taken]
        cost = [whole.cpu / bare.cpu for bare, whole in taken]
        sides = [[pair[side] for pair in taken] for side in (0, 1)]
        each = [
            f"{middle(one.server for one in side):>5.0f}"
            f" + {middle(one.database for one in side):<4.0f}"
            for side in sides
        ]
        shown.append(
            f"  {name:<20}  {middle(kept):.2f} ({min(kept):.2f}-{max(kept):.2f})"
            f"    {middle(cost):.2f}x ({min(cost):.2f}-{max(cost):.2f})  {each[0]}  {each[1]}"
        )
    return shown
