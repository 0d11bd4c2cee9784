"""Programs that call Langfuse's API with an API key, and how its refusals look."""

from typing import Any
from urllib.parse import quote

import httpx

PUBLIC = "/api/public"
PROMPTS = f"{PUBLIC}/v2/prompts"


class Program:
    """Who calls with an API key."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self._client = client
        self.headers = headers

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return await self._client.request(method, path, headers=self.headers, **more)

    async def get(self, path: str) -> httpx.Response:
        return await self.ask("GET", path)

    async def create(self, name: str, prompt: object = "Hello.", **more: object) -> httpx.Response:
        return await self.ask("POST", PROMPTS, json={"name": name, "prompt": prompt, **more})


def told(answer: httpx.Response, status: int) -> Any:
    """The `error` of a refusal, which has just this form."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body.keys() == {"message", "error"}
    assert isinstance(body["message"], str)
    assert "x-error-code" in answer.headers
    return body["error"]


def path_of(name: str) -> str:
    return f"{PROMPTS}/{quote(name, safe='')}"
