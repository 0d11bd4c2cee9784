"""Prompts as JSON lines over HTTP: what comes out goes in, and how long a body may be."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import msgspec
import pytest

from tests.http.conftest import Installation
from tests.http.site import API, Site, faults, made
from twosigma.adapters.http.bodies import read_whole
from twosigma.adapters.http.errors import TooSlow
from twosigma.adapters.http.settings import HttpSettings

MIB = 1024 * 1024
LINE = b'{"name": "A", "version": 3, "prompt": "Hi"}\n'
NEW = {"dry_run": False, "added": 1, "known": 0,
       "versions": [{"line": 1, "name": "A", "version": 3, "is_new": True}]}  # fmt: skip


async def bring(site: Site, content: Any, query: str = "", **headers: str) -> httpx.Response:
    named = {"Content-Type": "application/x-ndjson"} | headers
    return await site.admin.ask(
        "POST", f"/prompts/import{query}", content=content, headers=named, timeout=60
    )


async def export(site: Site, query: str = "") -> bytes:
    answer = await site.admin.get(f"/prompts/export{query}")
    assert answer.status_code == 200
    return answer.content


async def pieces(content: bytes) -> AsyncGenerator[bytes, None]:
    for at in range(0, len(content), 256 * 1024):
        yield content[at : at + 256 * 1024]


async def test_an_export_is_a_file_of_lines(site: Site) -> None:
    await site.admin.post("/prompts/", {"name": "mine/one", "prompt": "Hello again.\r\n"})
    answer = await site.admin.get("/prompts/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == 'attachment; filename="prompts.jsonl"'
    assert answer.headers["cache-control"] == "no-store"
    lines = answer.content.splitlines()
    first, second = [line for line in map(msgspec.json.decode, lines) if line["name"] == "mine/one"]
    assert (first["name"], first["version"], first["prompt"]) == ("mine/one", 1, "Hello.")
    assert second == {
        "name": "mine/one", "version": 2, "type": "text", "prompt": "Hello again.\r\n",
        "config": {}, "labels": [], "tags": [], "commit_message": None,
        "created_by": str(site.admin.id), "created_at": "2026-01-05T12:00:00Z",
    }  # fmt: skip
    current = (await export(site, "?current=true")).splitlines()
    assert [msgspec.json.decode(line) for line in lines if line not in current] == [first]


async def test_a_long_export_comes_in_parts_and_whole(site: Site) -> None:
    line = '{{"name": "Many", "version": {}, "prompt": "{}"}}'
    content = "\n".join(line.format(n, "x" * n) for n in range(1, 251)).encode()
    assert made(await bring(site, content))["added"] == 250
    exported = [msgspec.json.decode(one) for one in (await export(site)).splitlines()]
    many = [one["version"] for one in exported if one["name"] == "Many"]
    assert many == list(range(1, 251))


async def test_what_comes_out_goes_in_and_adds_nothing(site: Site) -> None:
    exported = await export(site)
    report = made(await bring(site, exported))
    assert (report["added"], report["known"]) == (0, len(exported.splitlines()))
    assert await export(site) == exported


async def test_a_dry_run_changes_nothing(site: Site) -> None:
    before = await export(site)
    assert made(await bring(site, LINE, "?dry_run=true")) == NEW | {"dry_run": True}
    assert await export(site) == before
    assert made(await bring(site, LINE)) == NEW
    again = made(await bring(site, LINE, "/"))
    assert (again["added"], again["known"]) == (0, 1)
    found = faults(await bring(site, LINE, "?dry_run=1"))
    assert found == [(("query", "dry_run"), "type_error.bool")]


async def test_a_prompt_that_would_break_is_400_and_every_fault_422(site: Site) -> None:
    ref = "@@@langfusePrompt:name={}|label=production@@@"
    below = (("V", "v"), ("U", ref.format("V")), ("T", ref.format("U")), ("S", ref.format("T")))
    for name, text in below:
        made(
            await site.admin.post(
                "/prompts/", {"name": name, "prompt": text, "labels": ["production"]}
            )
        )
    deep = [("V", ref.format("X")), ("X", ref.format("Y")), ("Y", "y")]
    content = b"\n".join(
        msgspec.json.encode({"name": n, "version": 9, "prompt": t, "labels": ["production"]})
        for n, t in deep
    )
    answer = await bring(site, content)
    assert (answer.status_code, answer.headers["x-error-code"]) == (400, "prompt_unresolvable")
    assert "would break 'S' version 1" in answer.json()["detail"]
    assert faults(await bring(site, LINE + b"{\n\xff\n" + LINE + b'{"name": "B"}')) == [
        (("body", 2), "value_error.jsondecode"),
        (("body", 3), "value_error.jsondecode"),
        (("body", 5, "version"), "value_error.missing"),
        (("body", 5, "prompt"), "value_error.missing"),
        (("body", 4), "value_error"),
    ]


async def test_another_content_type_is_422_and_none_is_taken(site: Site) -> None:
    for kind in ("application/json", "text/plain", "application/x-ndjson; charset=utf-16", ""):
        answer = await bring(site, LINE, **{"Content-Type": kind})
        assert faults(answer) == [(("body",), "value_error.jsondecode")]
        assert "application/x-ndjson" in answer.text
    for kind in ("Application/X-NDJSON", 'application/x-ndjson; charset="UTF-8"'):
        assert (await bring(site, LINE, **{"Content-Type": kind})).status_code == 200
    bare = await site.admin.ask("POST", "/prompts/import", content=LINE)
    assert bare.status_code == 200
    json = await site.admin.post("/prompts/", {}, headers={"Content-Type": "application/x-ndjson"})
    assert faults(json) == [(("body",), "value_error.jsondecode")]


@pytest.mark.parametrize("query", ["", "/", "?dry_run=true"])
async def test_f10_an_import_may_be_longer_than_any_other_body(site: Site, query: str) -> None:
    long = LINE + b" " * (MIB + 1 - len(LINE))
    assert (await bring(site, long, query)).status_code == 200
    assert (await bring(site, pieces(long), query)).status_code == 200
    for path in ("/prompts/", "/prompts/preview", "/prompts/A/import", "/import"):
        answer = await site.admin.ask("POST", path, content=long)
        assert answer.status_code == 413
    for method in ("PUT", "GET"):
        other = await site.admin.ask(method, f"/prompts/import{query}", content=long)
        assert other.status_code == 413


async def test_f10_an_import_over_32_mebibytes_is_413(site: Site) -> None:
    before = await export(site)
    whole = LINE + b"\n" * (32 * MIB - len(LINE))
    for content in (whole + b"\n", pieces(whole + b"\n")):
        answer = await bring(site, content)
        assert (answer.status_code, answer.json()) == (413, {"detail": "The body is too large"})
        assert answer.headers["x-error-code"] == "body_too_large"
    assert await export(site) == before
    told = await bring(site, LINE, **{"Content-Length": str(32 * MIB + 1)})
    assert told.status_code == 413


async def test_f10_nobody_else_has_a_long_body_read(site: Site) -> None:
    read: list[bytes] = []

    async def watched() -> AsyncGenerator[bytes, None]:
        read.append(LINE)
        yield LINE

    for caller in (site.instructor, site.student):
        answer = await caller.ask("POST", "/prompts/import", content=watched())
        assert answer.status_code == 403
    answer = await site.client.post(f"{API}/prompts/import", content=watched())
    assert (answer.status_code, read) == (401, [])


async def test_an_import_with_a_key_is_done_once(site: Site) -> None:
    key = {"Idempotency-Key": "k-1"}
    content = LINE + b" " * (2 * MIB - 1000)
    first, again = [await bring(site, content, **key) for _ in range(2)]
    assert made(first) == NEW
    assert again.content == first.content
    other = await bring(site, content + b"\n", **key)
    assert (other.status_code, other.headers["x-error-code"]) == (400, "idempotency_key_reused")


async def test_a_dry_run_uses_up_no_key(site: Site) -> None:
    key = {"Idempotency-Key": "k-1"}
    assert made(await bring(site, LINE, "?dry_run=true", **key))["dry_run"]
    assert made(await bring(site, LINE, **key)) == NEW


async def test_the_same_import_at_once_adds_once(site: Site) -> None:
    reports = [made(one) for one in await asyncio.gather(*(bring(site, LINE) for _ in range(6)))]
    assert sorted(one["added"] for one in reports) == [0] * 5 + [1]


async def test_export_and_import_are_no_prompts(site: Site) -> None:
    for word in ("export", "import"):
        answer = await site.admin.post("/prompts/", {"name": word, "prompt": "x"})
        assert answer.status_code == 400
    assert (await site.admin.get("/prompts/%65xport")).headers["content-disposition"]
    for method, path in (("GET", "import"), ("POST", "export"), ("DELETE", "export")):
        answer = await site.admin.ask(method, f"/prompts/{path}")
        assert answer.status_code in {404, 405}, (method, path)


class TestPace:
    """A body has its time for each mebibyte: here 0.2 seconds."""

    @pytest.fixture
    async def settings(self) -> HttpSettings:
        return HttpSettings(max_body_seconds=0.2)

    async def test_a_long_body_that_keeps_coming_is_waited_for(self, site: Site) -> None:
        async def steady() -> AsyncGenerator[bytes, None]:
            yield LINE
            for _ in range(8):
                await asyncio.sleep(0.1)
                yield b"\n" * MIB

        assert (await bring(site, steady())).status_code == 200

    async def test_one_that_dawdles_is_408(self, site: Site) -> None:
        async def slow() -> AsyncGenerator[bytes, None]:
            yield LINE + b"\n" * MIB
            for _ in range(8):
                await asyncio.sleep(0.1)
                yield b"\n" * 1024

        answer = await bring(site, slow())
        assert (answer.status_code, answer.headers["x-error-code"]) == (408, "body_too_slow")


async def test_whoever_goes_away_in_the_middle_is_not_waited_for(
    installation: Installation,
) -> None:
    told = iter([
        {"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"},
    ])  # fmt: skip

    async def receive() -> Any:
        return next(told)

    with pytest.raises(TooSlow, match="went away"):
        await read_whole(receive, 10, 1)
