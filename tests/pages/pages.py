"""Pages of the documentation whose requests are sent and whose answers are what came back.

A page is Markdown. A block of kind `http` that begins with a method is a request; the block after
it, which begins with `HTTP/1.1`, is its answer, written by `python -m tests.pages`. `{student}`,
`{instructor}`, `{admin}` and `{newcomer}` in a request stand for access tokens, `{student refresh}`
and so on for their refresh tokens, `{etag}` for the last ETag, `{mailed token}` for the token in
the last mail, `{key}` for the last API key as Basic credentials. After a line
`<!-- sent 10 times -->` a request is sent as often, and the last answer is shown. Of a long line
of JSON lines the beginning is shown.
"""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import httpx
import msgspec

from tests.http.conftest import Installation, running
from tests.http.site import Caller, made
from twosigma.adapters.http.app import create_app
from twosigma.app.policy import Policy
from twosigma.domain.actor import Role
from twosigma.domain.llm import Usage
from twosigma.domain.spending import Budgets
from twosigma.testing import Ended, World, in_memory, question

FOLDER = Path(__file__).parents[2] / "docs" / "api"
_BLOCK = re.compile(r"(?:<!-- sent (\d+) times -->\n)?```http\n(.*?)```\n", re.DOTALL)
_TOKEN = re.compile(r"eyJ[\w-]{10,}\.[\w-]+\.[\w-]+")
_SHOWN = (
    "x-total-count", "etag", "retry-after", "x-error-code", "content-disposition",
    "www-authenticate", "allow",
)  # fmt: skip
MAX_LINE = 240
"""How much is shown of a line of JSON lines."""

REPLIES = (
    ("Welcome! ", "What is 2 + 2?"), ("Right, it is 4. ", "Well done."),
    ("Because ", "a plus adds."),
)  # fmt: skip
"""What the tutor says, in this order."""
COST = Usage(input=900, output=100)
POLICY = Policy(rate_limits=True, daily_tokens=Budgets(learner=len(REPLIES) * COST.total))


def pages() -> list[Path]:
    return sorted(FOLDER.glob("*.md"))


def requests_of(text: str) -> list[str]:
    """The requests of a page, in their order."""
    blocks = (match.group(2) for match in _BLOCK.finditer(text))
    return [block for block in blocks if not block.startswith("HTTP/")]


@dataclass
class School:
    """A service with a course that is being taught; `known`: what words in braces stand for."""

    world: World
    client: httpx.AsyncClient
    known: dict[str, str] = field(default_factory=dict)

    async def send(self, request: str) -> httpx.Response:
        """Send what a page says."""
        head, _, body = self._meant(request).partition("\n\n")
        first, *lines = head.strip().splitlines()
        method, path = first.split(" ", maxsplit=1)
        headers = dict(line.split(": ", maxsplit=1) for line in lines)
        answer = await self.client.request(
            method, path, headers=headers, content=body.strip().encode()
        )
        await self.world.core.settled()
        self.known["etag"] = answer.headers.get("etag", self.known.get("etag", ""))
        if '"secret_key"' in answer.text:
            pair = answer.json()
            both = f"{pair['public_key']}:{pair['secret_key']}"
            self.known["key"] = b64encode(both.encode()).decode()
        return answer

    def _meant(self, request: str) -> str:
        for letter in self.world.mail.letters[-1:]:
            self.known["mailed token"] = letter.text.partition("#token=")[2].split()[0]
        for word, meant in self.known.items():
            request = request.replace(f"{{{word}}}", meant)
        return request


@asynccontextmanager
async def school() -> AsyncIterator[School]:
    async with in_memory(running=False, policy=POLICY) as world:
        app = create_app(world.core)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            running(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client,
        ):
            installation = Installation(world, client)
            people = {
                "student": await installation.caller(await world.user()),
                "instructor": await installation.caller(await world.user(Role.INSTRUCTOR)),
                "admin": await installation.caller(await world.user(Role.PLATFORM_ADMIN)),
                "newcomer": await installation.caller(await world.user()),
            }
            await _teach(people)
            for reply in REPLIES:
                world.llm.say(*reply, Ended("end_turn"), COST)
            known = {name: caller.token for name, caller in people.items()}
            known |= {f"{name} refresh": one.refresh_token for name, one in people.items()}
            yield School(world, client, known)


async def _teach(people: dict[str, Caller]) -> None:
    """A course with an offering, a module and a quiz, and the student in it."""
    teacher, admin = people["instructor"], people["admin"]
    made(await admin.post("/universities/", {"name": "University of Helsinki"}))
    made(await admin.post("/universities/1/departments", {"name": "Computer Science"}))
    made(await admin.post("/subjects/", {"name": "Computer Science"}))
    course = {
        "title": "Introduction to Computer Science", "code": "CS101", "university_id": 1,
        "description": "Fundamentals of programming", "credit_hours": 3,
        "department_id": 1, "primary_subject_id": 1, "is_published": True,
    }  # fmt: skip
    made(await teacher.post("/courses/", course))
    made(await teacher.post("/courses/1/offerings", {"term_name": "Spring 2026"}))
    unit = {"course_id": 1, "title": "Week 1: Introduction"}
    made(await teacher.post("/modules/", unit))
    quiz = {
        "module_id": 1, "content_type_id": 3, "title": "Sums",
        "description": "What a plus does", "estimated_duration_seconds": 600,
        "data_json": {
            "body": "A plus adds.",
            "questions": [question(1, "What is 2 + 2?", ["3", "4"], correct="B")],
        },
    }  # fmt: skip
    made(await teacher.post("/content/", quiz))
    made(await people["student"].post("/enrollments/", {"course_offering_id": 1}))


async def filled(text: str) -> str:
    """The page with the answers that its requests get, sent one after another."""
    async with school() as sent_to:
        written, at = [], 0
        blocks = list(_BLOCK.finditer(text))
        requests = [match for match in blocks if not match.group(2).startswith("HTTP/")]
        for here, after in zip(requests, [*requests[1:], None], strict=True):
            for _ in range(int(here.group(1) or 1)):
                answer = await sent_to.send(here.group(2))
            written += [text[at : here.end()], f"\n```http\n{_shown(answer)}```\n"]
            until = len(text) if after is None else after.start()
            old = [block for block in blocks if here.end() <= block.start() < until]
            at = old[0].end() if old else here.end()
        return "".join([*written, text[at:]])


def _shown(answer: httpx.Response) -> str:
    status = HTTPStatus(answer.status_code)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [
        f"{_titled(name)}: {answer.headers[name]}" for name in _SHOWN if name in answer.headers
    ]
    text = answer.text.rstrip("\n")
    if answer.headers.get("content-type", "") == "application/json":
        text = msgspec.json.format(answer.content, indent=2).decode()
    if answer.headers.get("content-type", "") == "application/x-ndjson":
        text = "\n".join(_cut(line) for line in text.splitlines())
    body = f"\n{_TOKEN.sub('eyJ…', text)}\n" if text else ""
    return "\n".join(lines) + "\n" + body


def _cut(line: str) -> str:
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…"


def _titled(name: str) -> str:
    return {"etag": "ETag", "www-authenticate": "WWW-Authenticate"}.get(name, name.title())
