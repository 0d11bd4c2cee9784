"""The `store` fixture over every adapter, and an honest last line about what was skipped."""

import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import databases, leaks
from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.ports.store import Store

# How long an example takes depends on what else the machine does; speed is measured in bench/.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

SKIPS = pytest.StashKey[Counter[str]]()
NOTES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a migrated PostgreSQL database; without a server its tests are skipped, or
    fail where TWOSIGMA_TEST_REQUIRE names postgres."""
    try:
        databases.on_server("SELECT 1")
    except OSError as error:
        _do_without("postgres", f"PostgreSQL cannot be reached: {type(error).__name__}")
    with databases.migrated_postgres() as name:
        yield name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    return databases.migrated_sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def redis_server() -> tuple[str, int]:
    """Host and port of a Redis server, with the same rule as for PostgreSQL."""
    address = databases.redis_address()
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError as error:
        _do_without("redis", f"Redis cannot be reached: {type(error).__name__}")
    return address


def _do_without(service: str, reason: str) -> None:
    if service in databases.required():
        pytest.fail(f"{reason} (TWOSIGMA_TEST_REQUIRE names {service})")
    pytest.skip(reason)


@pytest.fixture
def postgres_url(postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of the test's own, looked through for secrets."""
    with databases.postgres_database(postgres_template) as name:
        yield databases.url_of(name)
        leaks.look("the database", databases.text_of(name))


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """Fails the test in which a secret was logged, stored or told (`tests/leaks.py`)."""
    leaks.watch()
    yield
    found, leaks.found[:] = list(leaks.found), []
    assert not found, found


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated SQLite file of the test's own, looked through for secrets."""
    yield databases.copied_sqlite(sqlite_template, tmp_path)
    leaks.look_at_file(tmp_path / "test.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database, once for each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
async def sql_store(database_url: str) -> AsyncIterator[SqlStore]:
    """A store over each kind of database."""
    store = SqlStore(database_url)
    yield store
    await store.dispose()


@pytest.fixture(scope="session")
def shared_postgres(postgres_template: str) -> Iterator[str]:
    """The name of the database that tests of the store use in turn."""
    with databases.postgres_database(postgres_template) as name:
        yield name


@pytest.fixture
def emptied_postgres_url(shared_postgres: str) -> str:
    """Its URL, its rows gone."""
    databases.empty(shared_postgres)
    return databases.url_of(shared_postgres)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str | None:
    """Where the store is; None for memory."""
    if request.param == "memory":
        return None
    name = "sqlite_url" if request.param == "sqlite" else "emptied_postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
async def store(store_url: str | None) -> AsyncIterator[Store]:
    """A new store, once for each adapter."""
    if store_url is None:
        yield MemoryStore(clock=SystemClock())
        return
    sql = SqlStore(store_url)
    yield sql
    await sql.dispose()


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Tells a line at the end of the run."""
    return request.config.stash[NOTES].append


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SKIPS] = Counter()
    config.stash[NOTES] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        item.config.stash[SKIPS][report.longrepr[2].removeprefix("Skipped: ")] += 1
    return report


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The last lines of the run: what tests had to tell; how many were skipped, and why."""
    for note in config.stash.get(NOTES, []):
        config.get_terminal_writer().line(note)
    skips = config.stash.get(SKIPS, Counter())
    reasons = "; ".join(f"{count} × {reason}" for reason, count in skips.most_common())
    total = skips.total()
    config.get_terminal_writer().line(f"skipped: {total}" + (f" ({reasons})" if total else ""))
