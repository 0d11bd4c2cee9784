"""What is not the API: the first page, and whether the service lives and is ready."""

from msgspec import Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.reply import NO_STORE, Reply
from twosigma.adapters.http.route import Group
from twosigma.app.core import TwoSigma

service = Group("Service", "The state of the service itself", prefix="")

_HOME = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>2Sigma</title>
<style>
body{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}
</style>
<h1>2Sigma</h1>
<p>The backend of a tutoring platform. Learners walk a lesson with an AI tutor; one model call
serves all of them on the same path.</p>
<ul>
<li><a href="/docs">Try the API</a> (Swagger UI)</li>
<li><a href="/redoc">Read the API</a></li>
<li><a href="/openapi.json">The OpenAPI document</a></li>
<li><a href="/health/ready">Is it ready?</a></li>
</ul>
</html>
"""


class HealthOut(Struct, frozen=True, kw_only=True):
    """How the service is."""

    status: str


@service.route("GET", "/", access=Access.OPEN, media="text/html")
async def show_home() -> Reply:
    """A small page that says what this is."""
    return Reply(200, ((b"content-type", b"text/html; charset=utf-8"), NO_STORE), _HOME)


@service.route("GET", "/health/live", access=Access.OPEN)
async def check_liveness() -> HealthOut:
    """Whether the process is up."""
    return HealthOut(status="live")


@service.route("GET", "/health/ready", access=Access.OPEN)
async def check_readiness(core: TwoSigma) -> HealthOut:
    """Whether the database is reachable and migrated; 503 where it is not."""
    await core.require_ready()
    return HealthOut(status="ready")
