"""What settings must be, beyond their types."""

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from urllib.parse import urlsplit

from twosigma.domain.credentials import aws_region
from twosigma.domain.errors import Invalid
from twosigma.settings.fields import Settings, SettingsError
from twosigma.settings.types import PREFIX


def _origins(name: str, text: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if origin != f"{parts.scheme}://{parts.netloc}" or parts.scheme not in {"http", "https"}:
            raise SettingsError(f"{name}: {origin!r} is no origin (https://host or https://host:1)")
    return origins


def _networks(name: str, text: str) -> tuple[str, ...]:
    networks = tuple(part.strip() for part in text.split(",") if part.strip())
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            raise SettingsError(f"{name}: {network!r} is no address or network") from None
    return networks


LISTS: Mapping[str, Callable[[str, str], tuple[str, ...]]] = {
    "cors_origins": _origins,
    "trusted_proxies": _networks,
}
"""How the text of a setting that is a list is read, by its field."""


def require_model(settings: Settings) -> None:
    """Raise SettingsError unless all is set that the chosen model needs, and can be used."""
    _require_aws(settings)
    if settings.llm == "offline":
        return
    _require(settings, "model")
    if settings.llm == "openai":
        _require_openai(settings)
    elif settings.temperature > 1:
        raise SettingsError(f"{PREFIX}TEMPERATURE may be 1 at most for {PREFIX}LLM=bedrock")


def _require(settings: Settings, field: str) -> None:
    if not getattr(settings, field).strip():
        raise SettingsError(f"{PREFIX}{field.upper()} must be set for {PREFIX}LLM={settings.llm}")


def _require_url(settings: Settings, field: str) -> None:
    try:
        parts = urlsplit(getattr(settings, field))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{PREFIX}{field.upper()} must begin with http:// or https://")


def _require_aws(settings: Settings) -> None:
    try:
        aws_region(settings.aws_region, ())
    except Invalid:
        raise SettingsError(f"{PREFIX}AWS_REGION is no name of an AWS region") from None
    if settings.bedrock_endpoint_url:
        _require_url(settings, "bedrock_endpoint_url")


def _require_openai(settings: Settings) -> None:
    _require(settings, "openai_base_url")
    _require_url(settings, "openai_base_url")
    key = settings.openai_api_key.value if settings.openai_api_key is not None else ""
    if not (key.isascii() and (key.isprintable() or not key)):
        raise SettingsError(f"{PREFIX}OPENAI_API_KEY holds characters that no key has")
