"""Settings → ports → use cases: which adapter serves which port.

An adapter is imported when it is chosen, so that a process loads only what it uses.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache, partial
from typing import Any

from twosigma.adapters.bedrock.sources import Sources
from twosigma.app.core import Ports, TwoSigma
from twosigma.app.credentials import stored_keys
from twosigma.app.policy import Policy
from twosigma.domain.turn import Limits
from twosigma.ports.bedrock import Bedrock
from twosigma.ports.llm import Llm
from twosigma.ports.mail import Mail
from twosigma.ports.secrets import Cipher
from twosigma.ports.store import Store
from twosigma.settings import Settings, SettingsError

TRIAL_MODEL = "amazon.nova-micro-v1:0"
"""What credentials are tried with where no model on Bedrock is chosen."""


@asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[TwoSigma]:
    """The use cases over the real adapters; turns run only within the core's `running()`.

    Nothing is connected before it is used. Raises SettingsError for a database, model or key
    that cannot be used as set.
    """
    async with open_ports(settings) as ports:
        yield TwoSigma(ports, policy(settings))


def make_app(settings: Settings, core: TwoSigma) -> Any:
    """The ASGI application over an opened core; its lifespan runs the turns."""
    from twosigma.adapters.http.app import create_app
    from twosigma.adapters.http.settings import HttpSettings

    return create_app(core, settings=HttpSettings(cors_origins=settings.cors_origins))


def policy(settings: Settings) -> Policy:
    """What the settings say about the use cases."""
    return Policy(
        limits=Limits(
            first=settings.first_event_seconds,
            silence=settings.silence_seconds,
            whole=settings.turn_seconds,
        ),
        lease=settings.lease_seconds,
        renewal=settings.lease_seconds / 3,
        keep_alive=settings.keep_alive_seconds,
        drain=settings.drain_seconds,
        rate_limits=settings.rate_limits == "on",
        minimum_age=settings.minimum_age,
        public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
    )


@asynccontextmanager
async def open_ports(settings: Settings) -> AsyncIterator[Ports]:
    """The real adapters; closed at the block's end."""
    from twosigma.adapters.memory.flights import MemoryFlights
    from twosigma.adapters.memory.limits import MemoryRateLimiter
    from twosigma.adapters.schemas.validator import RustSchemas
    from twosigma.adapters.security.passwords import BcryptHasher
    from twosigma.adapters.security.random import SystemRandom
    from twosigma.adapters.security.tokens import JwtTokens
    from twosigma.adapters.sql.store import SqlStore
    from twosigma.adapters.system.clock import SystemClock
    from twosigma.adapters.tutor_prompts.shipped import tutor_prompts

    key, cipher = _signing_key(settings), _cipher(settings)
    try:
        store = SqlStore(settings.database, synchronous=settings.sqlite_synchronous)
    except ValueError as error:
        raise SettingsError(f"TWOSIGMA_DATABASE_URL: {error}") from None
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.dispose)
        yield Ports(
            store=store,
            flights=MemoryFlights(),
            clock=clock,
            random=SystemRandom(),
            passwords=BcryptHasher(settings.bcrypt_cost),
            tokens=JwtTokens(key),
            llm=_llm(settings, stack, store, cipher),
            schemas=RustSchemas(),
            limiter=MemoryRateLimiter(clock),
            mail=_mail(settings),
            cipher=cipher,
            bedrock=_bedrock(settings, stack),
            tutor_prompts=tutor_prompts(),
        )


def _llm(settings: Settings, stack: AsyncExitStack, store: Store, cipher: Cipher) -> Llm:
    if settings.llm == "offline":
        from twosigma.adapters.offline.llm import OfflineLlm

        return OfflineLlm()
    if settings.llm == "bedrock":
        return _bedrock_llm(settings, stack, store, cipher)
    return _openai_llm(settings, stack)


def _openai_llm(settings: Settings, stack: AsyncExitStack) -> Llm:
    from twosigma.adapters.openai.llm import OpenAiLlm

    key = settings.openai_api_key
    try:
        llm = OpenAiLlm(
            base_url=settings.openai_base_url,
            api_key=key.value if key is not None else "",
            default_model=settings.model,
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
        )
    except ValueError as error:
        raise SettingsError(f"TWOSIGMA_LLM=openai: {error}") from None
    stack.push_async_callback(llm.aclose)
    return llm


def _mail(settings: Settings) -> Mail:
    if not settings.smtp_host:
        from twosigma.adapters.mail.console import ConsoleMail

        return ConsoleMail()
    from twosigma.adapters.mail.smtp import SmtpMail, SmtpServer

    password = settings.smtp_password
    server = SmtpServer(
        host=settings.smtp_host.strip(),
        port=settings.smtp_real_port,
        tls=settings.smtp_tls,
        username=settings.smtp_username,
        password=password.value if password is not None else "",
    )
    return SmtpMail(server, settings.mail_from)


def _signing_key(settings: Settings) -> bytes:
    from twosigma.adapters.system.signing_key import UnusableKey, signing_key

    configured = settings.secret_key.value if settings.secret_key is not None else None
    try:
        return signing_key(configured, settings.host, settings.var)
    except UnusableKey as unusable:
        raise SettingsError(f"TWOSIGMA_SECRET_KEY {unusable}") from None


def _bedrock_llm(settings: Settings, stack: AsyncExitStack, store: Store, cipher: Cipher) -> Llm:
    from twosigma.adapters.bedrock.llm import BedrockLlm
    from twosigma.adapters.bedrock.threads import Threads

    threads = Threads()
    stack.callback(threads.close)
    # The generation's own limits come first; this one is for what they do not see.
    silence = max(settings.first_event_seconds, settings.silence_seconds)
    return BedrockLlm(
        keys=partial(stored_keys, store, cipher),
        sources=_sources(settings, silence, threads.count),
        threads=threads,
        default_model=settings.model,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
    )


def _bedrock(settings: Settings, stack: AsyncExitStack) -> Bedrock:
    from twosigma.adapters.bedrock.probe import SECONDS, BedrockProbe
    from twosigma.adapters.bedrock.threads import Threads

    threads = Threads(threads=2, queue=4)
    stack.callback(threads.close)
    return BedrockProbe(
        # Once, and then only when it is asked for: boto3 takes a while to load.
        sources=cache(partial(_sources, settings, SECONDS, threads.count)),
        model=settings.model if settings.llm == "bedrock" else TRIAL_MODEL,
        region=settings.aws_region,
        threads=threads,
    )


def _sources(settings: Settings, read_timeout: float, connections: int) -> Sources:
    from twosigma.adapters.bedrock.clients import Clients

    return Clients(
        region=settings.aws_region,
        endpoint_url=settings.bedrock_endpoint_url or None,
        read_timeout=read_timeout,
        connections=connections,
        asks_machine=settings.llm == "bedrock",
    )


def _cipher(settings: Settings) -> Cipher:
    from twosigma.adapters.security.cipher import AesCipher, UnusableKeys

    ring = settings.encryption_keys
    try:
        return AesCipher(ring.value if ring is not None else None)
    except UnusableKeys as unusable:
        raise SettingsError(f"TWOSIGMA_ENCRYPTION_KEYS: {unusable}") from None
