"""Every setting there is, with its type, its default and what it is for."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from twosigma.domain.credentials import DEFAULT_REGION


class SettingsError(Exception):
    """A setting is unknown, wrong or missing; one line that names it."""


class Secret(Struct, frozen=True):
    """A text that is shown nowhere unless asked for."""

    value: str

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


Tokens = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class Settings(Struct, frozen=True, kw_only=True):
    """Every setting, with its default. Times are in seconds."""

    database_url: Annotated[
        Secret | None,
        Meta(description="`sqlite:///PATH` or `postgresql://…`; unset: SQLite in `VAR_DIR`"),
    ] = None
    var_dir: Annotated[str, Meta(description="where 2Sigma keeps its own files")] = "./var"
    sqlite_synchronous: Annotated[
        Literal["NORMAL", "FULL"],
        Meta(
            description="`NORMAL` is safe against a killed process, but a power cut may lose the "
            "last commits; `FULL` waits for the disk"
        ),
    ] = "NORMAL"
    secret_key: Annotated[
        Secret | None,
        Meta(
            description="signs the tokens, at least 32 bytes; unset on a loopback host: made "
            "once and kept in `VAR_DIR`; unset on another host: 2Sigma does not start"
        ),
    ] = None
    encryption_keys: Annotated[
        Secret | None,
        Meta(
            description="encrypt stored AWS credentials: `id:base64` of 32 bytes each, with "
            "commas between them; the first encrypts, all decrypt; unset: none can be stored"
        ),
    ] = None
    bcrypt_cost: Annotated[
        int, Meta(ge=4, le=16, description="rounds of the password hash, as a power of two")
    ] = 12
    minimum_age: Annotated[
        int,
        Meta(
            ge=0, le=120, description="how old learners who tell their birthday must be, in years"
        ),
    ] = 13
    host: Annotated[str, Meta(description="the address to serve on")] = "127.0.0.1"
    port: Annotated[
        int, Meta(ge=0, le=65_535, description="the port to serve on; 0 takes a free one")
    ] = 8_000
    cors_origins: Annotated[
        tuple[str, ...],
        Meta(description="web origins whose pages may call the API, with commas between them"),
    ] = ()
    rate_limits: Annotated[
        Literal["on", "off"],
        Meta(description="whether callers that ask too often are told to wait (429)"),
    ] = "on"
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            description="addresses and networks (`10.0.0.0/8`) of proxies before the service, with "
            "commas between them; only theirs are `X-Forwarded-For` and `-Proto` believed"
        ),
    ] = ()
    llm: Annotated[
        Literal["offline", "bedrock", "openai"],
        Meta(
            description="who tutors: `offline` teaches from the course's own data, without a "
            "network; `bedrock` is AWS Bedrock; `openai` is any OpenAI-compatible server"
        ),
    ] = "offline"
    model: Annotated[
        str,
        Meta(description="the model's id where a course names none; needed for all but `offline`"),
    ] = ""
    aws_region: Annotated[
        str,
        Meta(
            description="the region that `bedrock` calls with credentials from the environment; "
            "stored credentials have their own"
        ),
    ] = DEFAULT_REGION
    bedrock_endpoint_url: Annotated[
        str, Meta(description="another address for `bedrock` than AWS's own (a VPC endpoint)")
    ] = ""
    openai_base_url: Annotated[
        str, Meta(description="the server's address with its `/v1`; needed for `openai`")
    ] = ""
    openai_api_key: Annotated[
        Secret | None, Meta(description="sent to that server; unset: none is sent")
    ] = None
    max_tokens: Annotated[
        int, Meta(ge=1, le=1_000_000, description="how long a model's reply may get, in tokens")
    ] = 2_048
    temperature: Annotated[
        float, Meta(ge=0, le=2, description="how freely a model words its reply")
    ] = 0.3
    daily_tokens_per_learner: Annotated[
        Tokens | None,
        Meta(
            description="how many tokens the model may take in a day (of UTC) for one account; "
            "beyond it, replies come from the cache only; 0: never the model; unset: no limit"
        ),
    ] = None
    daily_tokens_per_course: Annotated[
        Tokens | None, Meta(description="the same for one course, all its learners together")
    ] = None
    first_event_seconds: Annotated[
        Seconds, Meta(description="how long a reply's first piece is waited for")
    ] = 30
    silence_seconds: Annotated[
        Seconds, Meta(description="how long a model may be silent within a reply")
    ] = 30
    turn_seconds: Annotated[Seconds, Meta(description="how long a whole reply may take")] = 120
    keep_alive_seconds: Annotated[
        Seconds, Meta(description="after how long a silence a stream gets a comment line")
    ] = 10
    lease_seconds: Annotated[
        Seconds,
        Meta(description="after how long a session is usable again whose process died in a turn"),
    ] = 30
    drain_seconds: Annotated[
        Seconds, Meta(description="how long running turns may go on when the server stops")
    ] = 20
    cache_prune_days: Annotated[
        int,
        Meta(
            ge=1,
            le=36_500,
            description="cached replies that no lesson can reach any more are deleted when "
            "unused for so many days",
        ),
    ] = 30
    log_format: Annotated[
        Literal["console", "json"], Meta(description="how log lines are written")
    ] = "console"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="the least that is logged")
    ] = "info"

    public_url: Annotated[
        str,
        Meta(
            description="where people find the website: links in mails begin with it; needed for "
            "`SMTP_HOST`"
        ),
    ] = ""
    mail_from: Annotated[
        str, Meta(description="the sender of mails, `Name <address>`; needed for `SMTP_HOST`")
    ] = ""
    smtp_host: Annotated[
        str,
        Meta(
            description="the server that takes mails; unset: they are written beside the log, "
            "with the links in them"
        ),
    ] = ""
    smtp_port: Annotated[
        int, Meta(ge=0, le=65_535, description="its port; 0: the usual one for `SMTP_TLS`")
    ] = 0
    smtp_tls: Annotated[
        Literal["starttls", "tls", "off"],
        Meta(
            description="`starttls` asks for TLS on the open connection and sends nothing "
            "without, `tls` begins with it; `off` takes a password to this machine only"
        ),
    ] = "starttls"
    smtp_username: Annotated[str, Meta(description="to sign in there; unset: without")] = ""
    smtp_password: Annotated[Secret | None, Meta(description="with this password")] = None

    @property
    def database(self) -> str:
        """The database's URL."""
        if self.database_url is not None:
            return self.database_url.value
        return f"sqlite:///{self.var / 'twosigma.db'}"

    @property
    def smtp_real_port(self) -> int:
        """The mail server's port."""
        return self.smtp_port or {"starttls": 587, "tls": 465, "off": 25}[self.smtp_tls]

    @property
    def var(self) -> Path:
        """The folder of 2Sigma's own files."""
        return Path(self.var_dir)
