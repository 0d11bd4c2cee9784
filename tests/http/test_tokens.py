"""Tokens: forged, swapped, expired, reused; and accounts that change while one lives."""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import jwt
import msgspec
import pytest
from msgspec import structs

from tests.http.site import API, Caller, Site, made
from twosigma.adapters.memory.store import MemoryStore
from twosigma.domain.actor import Role
from twosigma.domain.tokens import Audience, mint

KEY = b"a key of an installation in memory"


async def status(site: Site, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return (await site.client.get(f"{API}/users/me", headers=headers)).status_code


def claims_of(caller: Caller) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(caller.token, options={"verify_signature": False})
    return claims


def signed(claims: dict[str, Any], key: bytes = KEY, **header: Any) -> str:
    return jwt.encode(claims, key, algorithm="HS256", headers=header or None)


def part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def by_hand(header: bytes, payload: bytes) -> str:
    body = f"{part(header)}.{part(payload)}"
    return f"{body}.{part(hmac.digest(KEY, body.encode(), hashlib.sha256))}"


async def test_the_forging_below_makes_good_tokens(site: Site) -> None:
    claims = claims_of(site.student)
    assert await status(site, signed(claims)) == 200
    plain = by_hand(b'{"alg":"HS256","typ":"JWT"}', msgspec.json.encode(claims))
    assert await status(site, plain) == 200


async def test_f31_forged_tokens_are_401(site: Site) -> None:
    claims = claims_of(site.student)
    head, body, tail = site.student.token.split(".")
    other = part(msgspec.json.encode(claims | {"sub": str(site.admin.id)}))
    deep = b"[" * 50_000
    for token in (
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, KEY * 2, algorithm="HS512"),
        signed(claims, b"another key, of thirty-two bytes"),
        f"{head}.{other}.{tail}", f"{head}.{body}.{tail[:-4]}", f"{head}.{body}.",
        f"{head}.{body}", body, "a.b.c", "...", f"{head}.{body}.{tail}.{tail}",
        by_hand(b"nothing", msgspec.json.encode(claims)),
        by_hand(b'{"alg":"HS256"}', b"nothing"), by_hand(b'{"alg":"HS256"}', deep),
        by_hand(deep, msgspec.json.encode(claims)), by_hand(b'{"alg":"HS256"}', b"[]"),
        signed(claims, crit=["exp"]),
        by_hand(b'{"alg":"HS256","kid":["a"]}', msgspec.json.encode(claims)),
    ):  # fmt: skip
        assert await status(site, token) == 401, token[:60]


async def test_f32_a_token_of_the_other_kind_is_401(site: Site) -> None:
    assert await status(site, site.student.refresh_token) == 401
    assert (await site.student.ask("POST", "/auth/refresh")).status_code == 401
    both = claims_of(site.student) | {"aud": ["access", "refresh"]}
    assert await status(site, signed(both)) == 401


@pytest.mark.parametrize(
    ("seconds", "expected"), [(1799, 200), (1800 + 29, 200), (1800 + 31, 401), (-3600, 200)]
)
async def test_f33_a_token_lives_its_time_and_the_leeway(
    site: Site, seconds: int, expected: int
) -> None:
    site.world.clock.set(site.world.clock.now() + timedelta(seconds=seconds))
    assert await status(site, site.student.token) == expected


async def test_f33_odd_expiries_are_401(site: Site) -> None:
    claims = claims_of(site.student)
    without = {name: value for name, value in claims.items() if name != "exp"}
    assert await status(site, signed(without)) == 401
    odd: object
    for odd in ("soon", None, [], "1e999"):
        assert await status(site, signed(claims | {"exp": odd})) == 401


@pytest.mark.parametrize("subject", ["999999", "text", "", "0", "-1", "1.0", "1 ", 3, None])
async def test_f34_a_subject_that_is_nobody_is_401(site: Site, subject: object) -> None:
    assert await status(site, signed(claims_of(site.student) | {"sub": subject})) == 401


async def change(site: Site, caller: Caller, **fields: Any) -> None:
    """Change an account's row, as an operator would."""
    store = site.world.ports.store
    assert isinstance(store, MemoryStore)
    async with store._transaction() as tx:
        tx.tables.users.put(caller.id, structs.replace(tx.tables.users[caller.id], **fields))


async def test_f34_f36_an_account_switched_off_is_out_at_once(site: Site) -> None:
    session_id = await site.session(site.student)
    await change(site, site.student, is_active=False)
    assert await status(site, site.student.token) == 401
    for method, path in (
        ("POST", "greeting"), ("DELETE", "turn"), ("GET", "stream"), ("GET", "messages"),
    ):  # fmt: skip
        answer = await site.student.ask(method, f"/chat/sessions/{session_id}/{path}")
        assert answer.status_code == 401, path
    send = await site.student.post(f"/chat/sessions/{session_id}/messages", {"content": "Hi"})
    assert send.status_code == 401


async def test_f36_a_lowered_role_counts_at_the_next_request(site: Site) -> None:
    body = {"title": "Sets", "code": "S1", "university_id": 1}
    assert (await site.instructor.post("/courses/", body)).status_code == 201
    await change(site, site.instructor, role=Role.STUDENT)
    assert (await site.instructor.post("/courses/", body | {"code": "S2"})).status_code == 403


async def refreshed(site: Site, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return await site.client.post(f"{API}/auth/refresh", headers=headers)


async def test_f35_a_refresh_token_used_twice_at_once_gives_the_same_pair(site: Site) -> None:
    first = made(await refreshed(site, site.student.refresh_token))
    await site.world.clock.advance(5)
    assert made(await refreshed(site, site.student.refresh_token)) == first
    assert first["token_type"] == "bearer"
    assert await status(site, first["access_token"]) == 200


async def test_f35_used_again_later_it_revokes_its_family(site: Site) -> None:
    first = made(await refreshed(site, site.student.refresh_token))
    await site.world.clock.advance(60)
    assert (await refreshed(site, site.student.refresh_token)).status_code == 401
    assert (await refreshed(site, first["refresh_token"])).status_code == 401


async def test_a_refresh_without_a_token_is_401(site: Site) -> None:
    assert (await site.client.post(f"{API}/auth/refresh")).status_code == 401


async def test_f34_a_good_signature_over_an_unknown_account_is_401(site: Site) -> None:
    now, lives = site.world.clock.now(), (timedelta(minutes=30), timedelta(days=30))
    pair = mint(424242, ("a", "b"), now, lives)
    audiences: tuple[Audience, Audience] = (pair.access.audience, pair.refresh.audience)
    assert audiences == ("access", "refresh")
    assert await status(site, site.world.ports.tokens.sign(pair.access)) == 401
    refresh = site.world.ports.tokens.sign(pair.refresh)
    assert (await refreshed(site, refresh)).status_code == 401
