"""The API as one page to read: plain HTML, no script, made once from the OpenAPI document."""

from collections.abc import Iterator
from html import escape
from typing import Any

import msgspec

Json = dict[str, Any]

_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>2Sigma API</title>
<style>
body{font:1rem/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}
h3{margin-top:2.5rem}h3 code{font-size:1rem}pre{background:#f4f4f4;padding:.7rem;overflow:auto}
table{border-collapse:collapse}td,th{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}
</style>
<h1>2Sigma API</h1>
<p><a href="/docs">Try it</a> · <a href="/openapi.json">OpenAPI document</a></p>
"""


def reading_page(schema: Json) -> bytes:
    """The document as HTML."""
    by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in schema["tags"]}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            by_tag[operation["tags"][0]].append("".join(_operation(path, method, operation)))
    parts = [_HEAD]
    parts += [
        f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}</p>"
        + "".join(by_tag[tag["name"]])
        for tag in schema["tags"]
    ]
    return ("".join(parts) + "</html>\n").encode()


def _operation(path: str, method: str, operation: Json) -> Iterator[str]:
    anchor = escape(operation["operationId"])
    yield f'<h3 id="{anchor}"><code>{method.upper()} {escape(path)}</code></h3>'
    yield f"<p>{escape(operation['summary'])} {escape(operation.get('description', ''))}</p>"
    if operation["parameters"]:
        yield "<table>" + "".join(map(_parameter, operation["parameters"])) + "</table>"
    if "requestBody" in operation:
        yield "<p>Body:</p>" + _examples(operation["requestBody"]["content"])
    for status, response in operation["responses"].items():
        yield f"<p><strong>{status}</strong> {escape(response['description'])}</p>"
        if status < "300":
            yield _examples(response.get("content", {}))


def _parameter(parameter: Json) -> str:
    kind = parameter["schema"].get("type", "")
    need = "required" if parameter["required"] else "optional"
    name, where = escape(parameter["name"]), parameter["in"]
    return f"<tr><td><code>{name}</code></td><td>{where}</td><td>{kind}, {need}</td></tr>"


def _examples(content: Json) -> str:
    return "".join(_pre(one["example"]) for one in content.values() if "example" in one)


def _pre(example: object) -> str:
    text = (
        example
        if isinstance(example, str)
        else msgspec.json.format(msgspec.json.encode(example), indent=2).decode()
    )
    return f"<pre>{escape(text)}</pre>"
