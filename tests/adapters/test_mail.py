"""Mail to a real server, in each way of TLS, and what happens where it is not taken."""

import asyncio
import logging
import shutil
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.smtp_server import PASSWORD, USERNAME, Mailbox, certificate, serving, trusting
from twosigma.adapters.mail.console import ConsoleMail
from twosigma.adapters.mail.smtp import SmtpMail, SmtpServer
from twosigma.app.core import TwoSigma
from twosigma.domain.mail import Letter
from twosigma.settings import load
from twosigma.testing import in_memory
from twosigma.wiring import open_ports

LETTER = Letter(to="ada@x.example", subject="Réset", text="The link:\n\nhttps://x/#token=é\n")
SENDER = "2Sigma <no-reply@x.example>"


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    return certificate(tmp_path_factory.mktemp("tls"))


def mail_to(mailbox: Mailbox, tls: Any = "off", **more: Any) -> SmtpMail:
    known = {"host": "localhost" if tls != "off" else "127.0.0.1", "port": mailbox.port, "tls": tls}
    trust = more.pop("trust", None)
    return SmtpMail(SmtpServer(**{**known, **more}), SENDER, trust=trust, seconds=5)


def only(mailbox: Mailbox) -> EmailMessage:
    (envelope,) = mailbox.got
    assert envelope.mail_from == "no-reply@x.example"
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with serving() as mailbox:
        await mail_to(mailbox).send(LETTER)
    message = only(mailbox)
    assert mailbox.got[0].rcpt_tos == [LETTER.to]
    assert (message["To"], message["From"], message["Subject"]) == (LETTER.to, SENDER, "Réset")
    assert message.get_content().replace("\r\n", "\n") == LETTER.text
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert str(message["Message-ID"]).endswith("@x.example>")


@pytest.mark.parametrize(
    ("to", "written"),
    [
        ("zoë@x.example", "zoë@x.example"),
        ("ada@exämple.com", "ada@xn--exmple-cua.com"),
        (f"ada@{'é' * 60}.com", f"ada@{'é' * 60}.com"),  # more than the DNS holds
    ],
)
async def test_addresses_in_any_script_are_written_to(to: str, written: str) -> None:
    async with serving() as mailbox:
        await mail_to(mailbox).send(structs.replace(LETTER, to=to))
    assert mailbox.got[0].rcpt_tos == [written]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_with_tls_one_signs_in(tls: str, pem: Path) -> None:
    async with serving(tls, pem) as mailbox:
        signed = {"username": USERNAME, "password": PASSWORD, "trust": trusting(pem)}
        await mail_to(mailbox, tls, **signed).send(LETTER)
        assert only(mailbox)["To"] == LETTER.to
        for wrong in ({"password": "wrong"}, {"username": "", "password": ""}, {"trust": None}):
            with pytest.raises(Exception):  # noqa: B017, PT011 -- whatever the library has for it
                await mail_to(mailbox, tls, **{**signed, **wrong}).send(LETTER)
    assert len(mailbox.got) == 1


async def test_without_the_tls_that_is_asked_for_nothing_is_sent() -> None:
    async with serving() as mailbox:
        for tls in ("starttls", "tls"):
            with pytest.raises(Exception):  # noqa: B017, PT011 -- whatever the library has for it
                await mail_to(mailbox, tls, username=USERNAME, password=PASSWORD).send(LETTER)
    assert mailbox.got == []


async def test_a_server_that_is_away_silent_or_refuses_is_an_error_in_time() -> None:
    async with serving() as mailbox:
        with pytest.raises(Exception, match="nobody@x"):
            await mail_to(mailbox).send(structs.replace(LETTER, to="nobody@x.example"))
    with pytest.raises(OSError, match=str(mailbox.port)):
        await mail_to(mailbox).send(LETTER)
    held: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    server = SmtpServer(host="127.0.0.1", port=port, tls="off")
    with pytest.raises(TimeoutError):
        await SmtpMail(server, SENDER, seconds=0.2).send(LETTER)
    for writer in held:
        writer.close()
    silent.close()
    await silent.wait_closed()


async def test_f120_neither_address_nor_token_nor_password_is_logged(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "mail.log")  # the server's own
    async with serving() as mailbox, in_memory() as world:
        who = await world.user()
        async with world.ports.store.write() as tx:  # an address that the server refuses
            user = await tx.accounts.lock(who.id)
            assert user is not None
            await tx.accounts.erase(structs.replace(user, email="nobody@x.example"))
            tables = tx.accounts._tables  # type: ignore[attr-defined]  # the memory adapter's own
            tables.user_by_email.put("nobody@x.example", who.id)
        for mail in (
            mail_to(mailbox),
            mail_to(mailbox, "starttls", username=USERNAME, password=PASSWORD),
        ):
            core = TwoSigma(structs.replace(world.ports, mail=mail))
            async with core.running():
                await core.password_resets.request("nobody@x.example")
                await core.settled()
    printed = capsys.readouterr()
    everything = f"{caplog.text}{printed.out}{printed.err}"
    assert everything.count("a mail could not be sent: SMTP") == 2
    for secret in ("nobody@", "token-", PASSWORD, USERNAME):
        assert secret not in everything


async def test_the_console_shows_a_letter_between_marks_and_past_the_log(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await ConsoleMail().send(LETTER)
    printed = capsys.readouterr()
    assert printed.out == caplog.text == ""
    lines = printed.err.splitlines()
    assert lines[0] == "--- mail (no mail server is set: it is only shown here) ---"
    assert lines[1:3] == ["To: ada@x.example", "Subject: Réset"]
    assert lines[-1] == "--- end of mail ---"
    assert LETTER.text in printed.err


def test_f120_the_password_of_a_mail_server_is_in_no_repr() -> None:
    server = SmtpServer(host="h", port=25, tls="off", username=USERNAME, password=PASSWORD)
    assert PASSWORD not in repr(server)
    assert repr(server) == "SmtpServer(host='h', port=25)"


async def test_the_settings_choose_where_mails_go(pem: Path, tmp_path: Path) -> None:
    here = {"TWOSIGMA_VAR_DIR": str(tmp_path)}
    async with open_ports(load(here)) as ports:
        assert isinstance(ports.mail, ConsoleMail)
    async with serving("starttls", pem) as mailbox:
        chosen = {
            "TWOSIGMA_SMTP_HOST": "localhost", "TWOSIGMA_SMTP_PORT": str(mailbox.port),
            "TWOSIGMA_SMTP_USERNAME": USERNAME, "TWOSIGMA_SMTP_PASSWORD": PASSWORD,
            "TWOSIGMA_MAIL_FROM": SENDER, "TWOSIGMA_PUBLIC_URL": "https://x.example",
        }  # fmt: skip
        async with open_ports(load(here | chosen)) as ports:
            assert isinstance(ports.mail, SmtpMail)
            ports.mail._trust = trusting(pem)
            await ports.mail.send(LETTER)
    assert only(mailbox)["From"] == SENDER
