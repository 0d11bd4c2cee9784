"""A call over TLS, as all of them are outside of tests, is ended as quickly."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.adapters.bedrock_model import model, outcome
from tests.bedrock_server import Answer, replies, speaks, text
from tests.tutoring import request
from twosigma.adapters.bedrock.threads import Threads
from twosigma.domain.llm import Delta, End


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context, with a certificate that this process's AWS clients trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    places = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(places, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    monkeypatch.setenv("AWS_CA_BUNDLE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_f88_a_call_over_tls_is_cut_wherever_it_waits(tls: ssl.SSLContext) -> None:
    threads = Threads(threads=1, queue=1, wait=5)
    with model(Answer(is_mute=True), read_timeout=30, threads=threads, tls=tls) as (llm, server):
        waiting = asyncio.ensure_future(anext(llm.reply(request())))
        await asyncio.to_thread(server.wait_for, 1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        server.answer = speaks(text("a"), ending="silence")
        reply = llm.reply(request())
        assert await anext(reply) == Delta("a")
        await reply.aclose()
        server.answer = replies("b")
        assert await outcome(llm.reply(request())) == ([Delta("b"), End()], None)


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with model(replies("b"), tls=tls) as (llm, server):
        said, refused = await outcome(llm.reply(request()))
    assert (said, server.bodies) == ([], [])
    assert refused is not None
    assert refused.detail == "SSLError"
