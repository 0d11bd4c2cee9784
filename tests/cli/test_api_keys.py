"""`twosigma api-keys`: a first pair without signing in, for a program that then works."""

import re
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Twosigma
from tests.cli.running import serving

EMAIL = "teacher@x.example"
PAIR = re.compile(r"LANGFUSE_PUBLIC_KEY=(pk-lf-\S+)\nLANGFUSE_SECRET_KEY=(sk-lf-\S+)\n")


@pytest.fixture
def owned(twosigma: Twosigma) -> Twosigma:
    """The command over a database with an instructor and a student."""
    assert twosigma("db", "upgrade").code == 0
    for email, role in ((EMAIL, "INSTRUCTOR"), ("student@x.example", "STUDENT")):
        made = twosigma("users", "create", "--email", email, "--role", role, stdin="a long one!1\n")
        assert made.code == 0, made.err
    return twosigma


def test_a_pair_is_shown_once_listed_without_its_secret_and_ended(owned: Twosigma) -> None:
    made = owned("api-keys", "create", "--email", EMAIL.upper(), "--name", "Prompt \x1bscripts")
    assert (made.code, made.err) == (0, "")
    found = PAIR.fullmatch(made.out)
    assert found is not None
    public_key, secret = found.groups()
    assert owned("api-keys", "create", "--email", EMAIL).code == 0
    first, second = owned("api-keys", "list").out.splitlines()
    assert re.fullmatch(
        rf"{public_key}  {EMAIL}  made 20..-..-.. ..:.. UTC, never used: 'Prompt \\x1bscripts'",
        first,
    )
    assert second.endswith(": 'Command line'")
    ended = owned("api-keys", "revoke", public_key)
    assert (ended.code, ended.out) == (0, f"Ended {public_key}.\n")
    assert owned("api-keys", "revoke", public_key).code == 0
    listed = owned("api-keys", "list")
    assert re.search(rf"{public_key} .*, ended 20..-..-.. ..:.. UTC: ", listed.out)
    assert secret not in listed.out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("create", "--email", "nobody@x.example"), 1, "No account has this address"),
        (("create", "--email", "student@x.example"), 1,
         "API keys are for active instructors and platform admins"),
        (("create", "--email", EMAIL, "--name", " "), 1, "name: "),
        (("create",), 2, "Missing option '--email'"),
        (("revoke", "pk-lf-unknown"), 1, "API key not found"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(
    owned: Twosigma, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ended = owned("api-keys", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith(f"twosigma: {told}")
    assert ended.err.count("\n") == 1
    assert owned("api-keys", "list").out == ""


def test_the_pair_opens_a_service(
    owned: Twosigma, settings: dict[str, str], tmp_path: Path
) -> None:
    found = PAIR.fullmatch(owned("api-keys", "create", "--email", EMAIL).out)
    assert found is not None
    with serving(settings, tmp_path) as server:
        answer = httpx.get(f"{server.url}/api/public/projects", auth=(found[1], found[2]))
        assert server.stop() == 0
    assert answer.status_code == 200
    assert found[2] not in server.log.read_text()
    assert ", used 20" in owned("api-keys", "list").out
