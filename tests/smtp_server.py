"""A real SMTP server on a loopback port, and the certificate that it shows."""

import asyncio
import ssl
import subprocess
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

USERNAME = "postmaster"
PASSWORD = "canary-of-the-mail-server"


class Mailbox:
    """Keeps what is delivered; an address that begins with `nobody` is refused."""

    def __init__(self) -> None:
        self.port = 0
        self.got: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 -- as aiosmtpd calls it
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return f"550 {address} is unknown here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 -- as aiosmtpd calls it
        self, server: SMTP, session: Any, envelope: Envelope
    ) -> str:
        self.got.append(envelope)
        return "250 OK"


def certificate(folder: Path) -> Path:
    """A certificate for localhost, with its key, signed by itself."""
    made = folder / "localhost.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(
        [*command.split(), "-keyout", str(made), "-out", str(folder / "c.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    made.write_text(made.read_text() + (folder / "c.pem").read_text())
    return made


def trusting(pem: Path) -> ssl.SSLContext:
    """Believe this certificate, and no other."""
    return ssl.create_default_context(cafile=str(pem))


@asynccontextmanager
async def serving(tls: str = "off", pem: Path | None = None) -> AsyncIterator[Mailbox]:
    """`tls` as in the settings; with a certificate one must sign in."""
    mailbox, context = Mailbox(), None
    if pem is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)

    def admits(server: SMTP, session: Any, envelope: Envelope, kind: str, data: Any) -> AuthResult:
        is_known = isinstance(data, LoginPassword) and data == LoginPassword(
            USERNAME.encode(), PASSWORD.encode()
        )
        return AuthResult(success=is_known, handled=is_known)

    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        with warnings.catch_warnings():
            # It takes TLS from the first byte for none, and warns of signing in without.
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(
                mailbox, loop=loop, enable_SMTPUTF8=True, hostname="localhost",
                tls_context=context if tls == "starttls" else None,
                require_starttls=tls == "starttls", auth_required=context is not None,
                auth_require_tls=tls == "starttls", authenticator=admits,
            )  # fmt: skip

    server = await loop.create_server(
        connection, "127.0.0.1", 0, ssl=context if tls == "tls" else None
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()
