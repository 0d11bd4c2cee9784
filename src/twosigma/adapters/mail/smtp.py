"""Mail by SMTP."""

import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from typing import Literal

import aiosmtplib
from msgspec import Struct

from twosigma.domain.mail import Letter


class SmtpServer(Struct, frozen=True, kw_only=True):
    """Where mails are taken. `tls`: asked for on the open connection (`starttls`) and nothing is
    sent without it, from the first byte (`tls`), or `off`. Without a username nobody signs in."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "off"]
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"SmtpServer(host={self.host!r}, port={self.port})"


class SmtpMail:
    """A connection for each letter: they are few. `trust`: whose certificates are believed,
    instead of the system's own list; `seconds`: how long the server may take for each step."""

    def __init__(
        self,
        server: SmtpServer,
        sender: str,
        *,
        trust: ssl.SSLContext | None = None,
        seconds: float = 20,
    ) -> None:
        self._server = server
        self._sender = sender
        self._trust = trust
        self._seconds = seconds

    async def send(self, letter: Letter) -> None:
        server = self._server
        await aiosmtplib.send(
            self._message(letter),
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=self._trust,
            timeout=self._seconds,
        )

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = _deliverable(letter.to)
        message["Subject"] = letter.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self._sender)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message


def _deliverable(address: str) -> str:
    """The address with its domain as the DNS has it (RFC 5891), which every server takes; a local
    part beyond ASCII needs one that knows RFC 6531."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address
