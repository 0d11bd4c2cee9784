"""Passwords: what is kept of them, what reading them costs, what a storm of logins meets."""

import asyncio
import time
from statistics import median
from unicodedata import normalize

import bcrypt
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from twosigma.adapters.security.passwords import BcryptHasher
from twosigma.domain.errors import Unavailable


@pytest.fixture
def hasher() -> BcryptHasher:
    return BcryptHasher(cost=4)


async def test_a_password_fits_its_own_hash_only(hasher: BcryptHasher) -> None:
    hashed = await hasher.hash("correct horse")
    assert await hasher.verify("correct horse", hashed)
    assert not await hasher.verify("correct horse ", hashed)


async def test_the_same_password_never_gives_the_same_hash(hasher: BcryptHasher) -> None:
    assert await hasher.hash("correct horse") != await hasher.hash("correct horse")


async def test_a_hash_has_the_cost_asked_for(hasher: BcryptHasher) -> None:
    assert (await hasher.hash("correct horse")).startswith("$2b$04$")


async def test_a_hash_is_none_of_the_bare_password(hasher: BcryptHasher) -> None:
    hashed = await hasher.hash("correct horse")
    assert not bcrypt.checkpw(b"correct horse", hashed.encode())


async def test_hashes_made_by_an_earlier_version_still_fit(hasher: BcryptHasher) -> None:
    """The label and the digest are part of every stored row."""
    made_once = "$2b$04$abcdefghijklmnopqrstuuBszQprtqc7QZX/4p3WoxM5JadH52PVm"
    assert await hasher.verify("correct horse battery", made_once)


async def test_f37_an_unknown_account_costs_what_a_wrong_password_does() -> None:
    hasher = BcryptHasher(cost=8)
    hashed = await hasher.hash("correct horse")

    async def seconds(against: str | None) -> float:
        start = time.perf_counter()
        assert not await hasher.verify("wrong horse", against)
        return time.perf_counter() - start

    pairs = [(await seconds(None), await seconds(hashed)) for _ in range(15)]
    ratio = median(pair[0] for pair in pairs) / median(pair[1] for pair in pairs)
    assert 1 / 1.5 < ratio < 1.5


@pytest.mark.parametrize("length", [73, 128, 1000, 1_000_000])
async def test_f38_every_character_of_a_long_password_counts(
    hasher: BcryptHasher, length: int
) -> None:
    password = "x" * (length - 1) + "y"
    hashed = await hasher.hash(password)
    assert await hasher.verify(password, hashed)
    assert not await hasher.verify("x" * length, hashed)


@pytest.mark.parametrize(
    ("password", "near"),
    [
        ("ab\x00cdefgh", "ab"),
        ("ab\x00cdefgh", "ab\x00cdefgi"),
        ("🐎🐎🐎🐎🐎🐎🐎🐎", "🐎🐎🐎🐎🐎🐎🐎🐴"),
        ("\ud800abcdefg", "\ud801abcdefg"),
    ],
)
async def test_f38_odd_characters_count_like_all_others(
    hasher: BcryptHasher, password: str, near: str
) -> None:
    hashed = await hasher.hash(password)
    assert await hasher.verify(password, hashed)
    assert not await hasher.verify(near, hashed)


async def test_f38_the_hasher_takes_text_as_it_is(hasher: BcryptHasher) -> None:
    """Both spellings log in because the domain brings them to NFC, not by chance here."""
    composed, spelt_out = normalize("NFC", "éclairs!"), normalize("NFD", "éclairs!")
    hashed = await hasher.hash(composed)
    assert await hasher.verify(normalize("NFC", spelt_out), hashed)
    assert not await hasher.verify(spelt_out, hashed)


@settings(max_examples=25)
@given(st.text(max_size=200), st.text(max_size=200))
def test_two_passwords_share_a_hash_only_if_they_are_equal(one: str, other: str) -> None:
    async def fits() -> bool:
        hasher = BcryptHasher(cost=4)
        return await hasher.verify(other, await hasher.hash(one))

    assert asyncio.run(fits()) == (one == other)


@pytest.mark.parametrize(
    "row",
    ["", "x", "$2b$", "$2b$04$short", "$2b$99$" + "." * 53, "$2b$31$" + "." * 53,
     "$2b$04$" + "." * 52 + "é", "$2b$04$" + "." * 60, "$2b$04$" + "." * 53 + "\n", "\ud800"],
)  # fmt: skip
async def test_f39_a_corrupted_hash_fits_nothing_and_is_logged(
    hasher: BcryptHasher, row: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        assert not await hasher.verify("correct horse", row)
    assert [log["log_level"] for log in logs] == ["error"]


async def test_f39_what_is_logged_holds_neither_hash_nor_password(hasher: BcryptHasher) -> None:
    with structlog.testing.capture_logs() as logs:
        await hasher.verify("correct horse", "$2b$04$mangled")
    assert "mangled" not in str(logs)
    assert "horse" not in str(logs)


async def test_f41_more_than_the_queue_holds_are_told_to_come_back() -> None:
    hasher = BcryptHasher(cost=8, threads=1, queue=2)
    results = await asyncio.gather(
        *(hasher.verify("wrong horse", None) for _ in range(5)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, Unavailable)]
    assert len(refused) == 2
    assert all(each.retry_after for each in refused)
    assert [result for result in results if result is False] == [False] * 3


async def test_f41_the_event_loop_goes_on_while_passwords_are_checked() -> None:
    hasher = BcryptHasher(cost=10)
    checks = asyncio.gather(*(hasher.verify("wrong horse", None) for _ in range(4)))
    ticks = 0
    while not checks.done():
        await asyncio.sleep(0.002)
        ticks += 1
    await checks
    assert ticks > 5


async def test_callers_who_gave_up_leave_room_in_the_queue() -> None:
    hasher = BcryptHasher(cost=8, threads=1, queue=1)
    waiting = [asyncio.ensure_future(hasher.verify("wrong horse", None)) for _ in range(2)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    while True:
        try:
            assert not await hasher.verify("wrong horse", None)
        except Unavailable:
            await asyncio.sleep(0.005)
        else:
            break
