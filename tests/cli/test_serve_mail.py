"""A forgotten password, with the service as a process and no mail server set."""

import json
import re
import time
from pathlib import Path

import httpx

from tests.cli.running import WAIT_SECONDS, Server, serving

STUDENT = "student@demo.example"
NEW = "another horse battery"
MAIL = re.compile(r"^--- mail .*?^--- end of mail ---\n", re.DOTALL | re.MULTILINE)


def mailed(server: Server) -> str:
    """The letter that the service writes beside its log."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        found = MAIL.search(server.log.read_text())
        if found is not None:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no mail came")


def test_a_link_on_the_console_sets_a_password_and_the_log_knows_nothing_of_it(
    demo: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    chosen = settings | {"LOG_FORMAT": "json", "LOG_LEVEL": "debug", "PUBLIC_URL": "https://x.y"}
    with serving(chosen, tmp_path) as server:
        auth = f"{server.url}/api/v1/auth"
        for email in ("nobody@demo.example", STUDENT):
            assert httpx.post(f"{auth}/password-reset", json={"email": email}).status_code == 202
        letter = mailed(server)
        assert f"To: {STUDENT}\n" in letter
        token = letter.partition("https://x.y/reset-password#token=")[2].split()[0]
        body = {"token": token, "new_password": NEW}
        assert httpx.post(f"{auth}/password-reset/confirm", json=body).status_code == 204
        login = {"email": STUDENT, "password": NEW}
        assert httpx.post(f"{auth}/login", json=login).status_code == 200
        assert httpx.post(f"{auth}/password-reset/confirm", json=body).status_code == 400
        assert server.stop() == 0
    log = MAIL.sub("", server.log.read_text())
    assert len(log.splitlines()) == len([json.loads(line) for line in log.splitlines()]) >= 5
    for secret in (token, NEW, STUDENT):
        assert secret not in log
