"""Forgotten passwords over HTTP."""

import logging

import pytest
from structlog.testing import LogCapture

from tests.app.school import mailed_token
from tests.http.conftest import Installation
from tests.http.site import API, Site, faults
from twosigma.domain.errors import Unavailable

ASK, CONFIRM = f"{API}/auth/password-reset", f"{API}/auth/password-reset/confirm"
NEW = "another horse battery"


async def test_f37_the_answer_is_the_same_whether_the_address_is_known(site: Site) -> None:
    answers = []
    for email in (site.student.learner.user.email, "nobody@example.com"):
        answer = await site.client.post(ASK, json={"email": email})
        answers.append((answer.status_code, answer.content, answer.headers.get("x-error-code")))
    assert answers == [(202, b"", None)] * 2
    await site.world.core.settled()
    assert [each.to for each in site.world.mail.letters] == [site.student.learner.user.email]
    assert faults(await site.client.post(ASK, json={"email": "nobody"})) == [
        (("body", "email"), "value_error.email")
    ]


async def test_a_mailed_link_is_good_once(site: Site) -> None:
    email = site.student.learner.user.email
    token = await mailed_token(site.world, email)
    body = {"token": token, "new_password": NEW}
    weak = await site.client.post(CONFIRM, json=body | {"new_password": email})
    assert faults(weak) == [(("body", "new_password"), "value_error")]
    done = await site.client.post(CONFIRM, json=body)
    assert (done.status_code, done.content) == (204, b"")
    login = await site.client.post(f"{API}/auth/login", json={"email": email, "password": NEW})
    assert login.status_code == 200
    refresh = {"Authorization": f"Bearer {site.student.refresh_token}"}
    assert (await site.client.post(f"{API}/auth/refresh", headers=refresh)).status_code == 401
    refusals = set()
    for dead in (token, "never-was", "", "é"):
        answer = await site.client.post(CONFIRM, json=body | {"token": dead})
        refusals.add((answer.status_code, answer.content, answer.headers["x-error-code"]))
    assert refusals == {(400, b'{"detail":"This reset link is no longer valid"}', "reset_invalid")}


async def test_a_mail_server_that_is_away_fails_no_request(site: Site) -> None:
    site.world.mail.error = OSError("away")
    email = site.student.learner.user.email
    assert (await site.client.post(ASK, json={"email": email})).status_code == 202
    await site.world.core.settled()
    site.world.mail.error = None
    await mailed_token(site.world, email)


async def test_f120_neither_token_nor_password_is_logged(
    site: Site, log: LogCapture, caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "httpx")  # the client's own log, which names its requests
    email = site.student.learner.user.email
    await site.client.post(ASK, json={"email": email})
    token = await mailed_token(site.world, email)
    for body in ({"token": token, "new_password": "canary"}, {"token": token, "new_password": 7},
                 {"token": token, "new_password": "canary-password"}):  # fmt: skip
        answer = await site.client.post(CONFIRM, json=body)
        assert "canary" not in answer.text
        assert token not in answer.text
    site.world.mail.error = Unavailable(f"{email} {token}")
    await site.client.post(ASK, json={"email": email})
    await site.world.core.settled()
    wrong = {"password": "canary-of-erasure"}
    assert (await site.student.ask("DELETE", "/users/me", json=wrong)).status_code == 400
    printed = capsys.readouterr()
    everything = f"{log.entries}{caplog.text}{printed.out}{printed.err}"
    assert "/api/v1/auth/password-reset/confirm" in everything
    for secret in (token, "canary", email):
        assert secret not in everything


async def test_the_mailed_link_opens_a_page_that_stores_and_asks_nothing_elsewhere(
    installation: Installation,
) -> None:
    page = await installation.client.get("/reset-password")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    script = await installation.client.get("/reset-password/script.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert '"/api/v1/auth/password-reset/confirm"' in script.text
    assert "://" not in page.text + script.text
