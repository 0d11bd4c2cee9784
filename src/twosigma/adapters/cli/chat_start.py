"""Begin a chat: find the server, sign in, talk."""

import click
import httpx

from twosigma.adapters.cli.chat_api import Api, Away, Refused
from twosigma.adapters.cli.chat_places import Quit
from twosigma.adapters.cli.chat_screen import Screen
from twosigma.adapters.cli.chat_talk import Talk
from twosigma.adapters.cli.demo import FILE, read_passwords
from twosigma.adapters.cli.program import Failed, Program


def start(program: Program, url: str, email: str | None, item_id: int | None) -> None:
    """Talk until the learner quits. Raises Failed where the server is away or says no."""
    screen = Screen()
    with httpx.Client(base_url=_server(url)) as client:
        api = Api(client, screen.dim)
        try:
            _sign_in(program, api, screen, email)
            Talk(api, screen).run(item_id)
        except Quit:
            screen.dim("Until next time.")
        except (Away, Refused, LookupError) as refused:
            raise Failed(str(refused)) from None


def _server(url: str) -> httpx.URL:
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL:
        raise click.UsageError(f"{url!r} is no URL") from None
    if base.scheme not in {"http", "https"} or not base.host:
        raise click.UsageError(f"{url!r} is no URL of a web server")
    return base


def _sign_in(program: Program, api: Api, screen: Screen, email: str | None) -> None:
    kept = read_passwords(program.var() / FILE)
    who = email or next(iter(kept), None) or screen.ask("E-mail:")
    if not who:
        raise Failed("no account: give --email")
    password = program.password() or kept.get(who) or screen.ask_secret(f"Password of {who}")
    if password is None:
        raise Failed(f"no password for {who}: give it as TWOSIGMA_PASSWORD")
    api.login(who, password)
    screen.dim(f"Signed in as {who}.")
