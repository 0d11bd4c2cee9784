"""Prompts read from a running Langfuse: whole, as of one moment, on its bad days too."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import httpx
import pytest

from tests import leaks
from tests.langfuse_server import PUBLIC, SECRET, LangfuseServer, Said, serving
from twosigma.adapters.langfuse import client as module
from twosigma.adapters.langfuse.client import Client
from twosigma.adapters.langfuse.source import AT_ONCE, LangfusePrompts
from twosigma.domain.errors import Unavailable
from twosigma.domain.prompt_pull import Pulled

LIST = "/api/public/v2/prompts?"
ONE = "/api/public/v2/prompts/A?"
QUICK = httpx.Timeout(1)


@dataclass
class Pauses:
    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
async def there() -> AsyncIterator[LangfuseServer]:
    async with serving() as server:
        server.put("A", 1)
        yield server


async def read(
    url: str, pauses: Pauses | None = None, secret: str = SECRET, whole: float = 20
) -> Sequence[Pulled]:
    client = Client(url, PUBLIC, secret, pause=pauses or Pauses(), timeout=QUICK, whole=whole)
    async with client:
        return await LangfusePrompts(client).versions(lambda *_: None)


async def failure(url: str, pauses: Pauses | None = None, whole: float = 20) -> str:
    with pytest.raises(Unavailable) as failed:
        await read(url, pauses, whole=whole)
    told = failed.value.detail
    leaks.look("a failure", told)
    assert "\n" not in told
    return told.replace(url.partition("://")[2], "HOST")


async def test_every_version_on_every_page_is_read_raw_and_named_as_one_segment(
    there: LangfuseServer,
) -> None:
    names = ["A/b c", "50%", "%2F", "é?#", "a+b", "..", "."]
    for name in names:
        there.put(name, 1, "@@@langfusePrompt:name=A|version=1@@@")
        there.put(name, 12, "x", labels=["latest"], tags=["t"], commitMessage="m")
    for number in range(240):
        there.put(f"many/{number}", 1)
    heard: list[tuple[int, int]] = []
    async with Client(there.url + "/", PUBLIC, SECRET) as client:
        versions = await LangfusePrompts(client).versions(lambda *done: heard.append(done))
    assert [(one.name, one.version) for one in versions] == [
        (name, number) for name in sorted(there.prompts) for number in sorted(there.prompts[name])
    ]
    (one,) = [one for one in versions if (one.name, one.version) == ("%2F", 12)]
    assert (one.labels, one.tags, one.commit_message) == (("latest",), ("t",), "m")
    assert "/api/public/v2/prompts/A%2Fb%20c?version=12&resolve=false" in there.asked
    assert "/api/public/v2/prompts/%252F?version=1&resolve=false" in there.asked
    assert [*sorted(heard)] == [(at, 255) for at in range(1, 256)]
    assert 1 < there.at_once <= AT_ONCE


async def test_a_path_before_the_api_is_kept(there: LangfuseServer) -> None:
    there.said = {"/lang": [Said(body=b'{"data":[],"meta":{"totalPages":0}}')]}
    assert await read(f"{there.url}/lang/") == []
    assert there.asked == ["/lang/api/public/v2/prompts?page=1&limit=100"]


@pytest.mark.parametrize("path", [LIST, ONE])
@pytest.mark.parametrize(
    ("first", "waits"),
    [
        ([Said(429)], [0.5]),
        ([Said(429, headers={"Retry-After": "7"}), Said(503)], [7, 1]),
        ([Said(500, headers={"Retry-After": "soon"}), Said(502), Said(408)], [0.5, 1, 2]),
        ([Said(ending="cut"), Said(ending="silence")], [0.5, 1]),
    ],
)
async def test_what_may_pass_is_asked_again(
    there: LangfuseServer, path: str, first: list[Said], waits: list[float]
) -> None:
    there.said = {path: [*first]}
    pauses = Pauses()
    assert len(await read(there.url, pauses)) == 1
    assert pauses.seconds == waits


@pytest.mark.parametrize(
    ("path", "said", "told"),
    [
        (LIST, Said(429), "HOST answers with 429, again and again"),
        (LIST, Said(500, b"<html>"), "HOST answers with 500, again and again"),
        (ONE, Said(ending="cut"), "A version 1: HOST breaks off: RemoteProtocolError"),
        (LIST, Said(ending="silence"), "HOST does not answer in time"),
    ],
)
async def test_what_does_not_pass_ends(
    there: LangfuseServer, path: str, said: Said, told: str
) -> None:
    there.said = {path: [said] * 9}
    pauses = Pauses()
    assert await failure(there.url, pauses, whole=0.2) == told
    assert pauses.seconds == [0.5, 1, 2, 4]


@pytest.mark.parametrize(
    ("path", "said", "told"),
    [
        (LIST, Said(401),
         "HOST does not know these keys (401): see LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"),
        (LIST, Said(403), "HOST does not let these keys read prompts (403)"),
        (LIST, Said(404), "HOST has no API of Langfuse: is the address right?"),
        (LIST, Said(400, b'{"message":"secret words"}'), "HOST answers with 400"),
        (ONE, Said(409), "A version 1: HOST answers with 409"),
        (LIST, Said(200, b"\n<!DOCTYPE html>"),
         "HOST answers with a web page: is this Langfuse's address?"),
        (LIST, Said(200, b"[" * 100_000),
         "HOST answers with not what its API has: Expected `object`, got `array`"),
        (LIST, Said(200, b'{"data":[{"name":"\xff"}]}'), "HOST answers with not what its API has"),
        (ONE, Said(200, b'{"name":"A","version":1}'),
         "A version 1: HOST answers with not what its API has: "
         "Object missing required field `prompt`"),
        (ONE, Said(200, b'{"name":"A","version":2,"prompt":""}'),
         "A version 1: A version 2 is answered instead"),
        (LIST, Said(429, headers={"Retry-After": "3600"}),
         "HOST asks for 3600 seconds of rest: try again later"),
        (LIST, Said(308, headers={"Location": "https://k:v@evil.example/api"}),
         "HOST sends us on to https://evil.example (308), where no keys are taken along"),
        (LIST, Said(300, headers={"Location": "http://x:y/"}),
         "HOST sends us on (300), where no keys are taken along"),
        (LIST, Said(301), "HOST sends us on (301), where no keys are taken along"),
    ],
)  # fmt: skip
async def test_what_cannot_pass_is_told_at_once(
    there: LangfuseServer, path: str, said: Said, told: str
) -> None:
    there.said = {path: [said]}
    pauses = Pauses()
    assert (await failure(there.url, pauses)).startswith(told)
    assert pauses.seconds == []
    assert len([target for target in there.asked if target.startswith(path)]) == 1


async def test_wrong_keys_are_refused(there: LangfuseServer) -> None:
    with pytest.raises(Unavailable, match=r"does not know these keys \(401\)"):
        await read(there.url, secret="other")


@pytest.mark.parametrize(
    ("url", "told", "tries"),
    [
        ("https://{}", "cannot be reached over TLS", 1),
        ("http://langfuse.invalid", "cannot be reached: ", 5),
        ("http://127.0.0.1:1", "cannot be reached: ", 5),
    ],
)
async def test_what_cannot_be_reached_is_told(
    there: LangfuseServer, url: str, told: str, tries: int
) -> None:
    pauses = Pauses()
    address = url.format(there.url.removeprefix("http://"))
    assert (await failure(address, pauses)).startswith(f"HOST {told}")
    assert len(pauses.seconds) == tries - 1


async def test_an_answer_has_a_largest_size(
    there: LangfuseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1_000)
    there.put("A", 1, "x" * 1_000)
    told = await failure(there.url)
    assert told == "A version 1: HOST answers with more than 1000 bytes"


async def test_a_list_has_a_largest_size(
    there: LangfuseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twosigma.adapters.langfuse.source.MAX_VERSIONS", 2)
    there.put("B", 1)
    assert len(await read(there.url)) == 2
    there.put("B", 2)
    assert await failure(there.url) == "HOST has more than 2 versions"


async def test_what_is_written_meanwhile_is_read_in_the_end(there: LangfuseServer) -> None:
    """A name before all others moves every row on, so that one comes on two pages."""
    for number in range(150):
        there.put(f"n{number:03}", 1)
    listed: list[int] = []

    def write(page: int) -> None:
        listed.append(page)
        if listed == [1, 2]:
            there.put("AA", 1)
            there.put("n000", 2, updatedAt="2026-01-02T00:00:00.000Z")
            there.put("n001", 1, "Other", updatedAt="2026-01-02T00:00:00.000Z")
            del there.prompts["n149"]

    there.on_list = write
    versions = await read(there.url)
    assert [(one.name, one.version) for one in versions] == [
        (name, number) for name in sorted(there.prompts) for number in there.prompts[name]
    ]
    assert [one.prompt for one in versions if one.name == "n001"] == ["Other"]
    assert listed == [1, 2] * 3


async def test_a_label_that_moves_while_it_is_read_is_on_one_version(
    there: LangfuseServer,
) -> None:
    there.put("A", 1, labels=["x"])
    there.put("A", 2)
    listed: list[int] = []

    def move(page: int) -> None:
        listed.append(page)
        if len(listed) == 2:
            there.put("A", 1, updatedAt="2026-01-02T00:00:00.000Z")
            there.put("A", 2, labels=["x"], updatedAt="2026-01-02T00:00:00.000Z")

    there.on_list = move
    assert [one.labels for one in await read(there.url)] == [(), ("x",)]


async def test_a_version_that_vanishes_before_it_is_read_is_not_there(
    there: LangfuseServer,
) -> None:
    there.put("B", 1)
    there.said = {ONE: [Said(404)]}
    listed: list[int] = []

    def remove(page: int) -> None:
        listed.append(page)
        if len(listed) == 2:
            there.prompts.pop("A")

    there.on_list = remove
    assert [one.name for one in await read(there.url)] == ["B"]


async def test_what_is_listed_and_never_had_is_told(there: LangfuseServer) -> None:
    there.said = {ONE: [Said(404)] * 9}
    assert await failure(there.url) == "HOST lists A version 1 and does not have it (404)"
    assert len([target for target in there.asked if target.startswith(ONE)]) == 3


async def test_what_never_rests_is_told(there: LangfuseServer) -> None:
    at = iter(range(99))
    there.on_list = lambda _: there.put("A", 1, updatedAt=f"2026-01-02T00:00:{next(at):02}.000Z")
    assert await failure(there.url) == "HOST changes faster than it can be read: try again"


async def test_rows_of_one_name_are_one_prompt(there: LangfuseServer) -> None:
    """Older ones make a row of each set of tags, and count the pages by the names."""
    rows = b'{"name":"A","versions":[1],"tags":["x"]},{"name":"A","versions":[2,1]}'
    page = Said(body=b'{"data":[' + rows + b'],"meta":{"totalPages":1}}')
    there.put("A", 2)
    there.said = {LIST: [page, page]}
    assert [one.version for one in await read(there.url)] == [1, 2]
