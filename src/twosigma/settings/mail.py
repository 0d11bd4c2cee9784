"""What the settings of mail need of one another."""

from email.utils import parseaddr
from urllib.parse import urlsplit

from twosigma.domain.errors import Invalid
from twosigma.domain.values import email
from twosigma.settings.fields import Settings, SettingsError
from twosigma.settings.types import PREFIX

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def require_mail(settings: Settings) -> None:
    """Raise SettingsError unless the settings of mail fit one another."""
    _require_url(settings.public_url)
    if not settings.smtp_host.strip():
        for name in ("mail_from", "smtp_username", "smtp_password"):
            if getattr(settings, name):
                raise _needed("SMTP_HOST", f"for {PREFIX}{name.upper()}")
        return
    if not settings.public_url:
        raise _needed("PUBLIC_URL", f"for {PREFIX}SMTP_HOST")
    _require_sender(settings.mail_from)
    if bool(settings.smtp_username) != (settings.smtp_password is not None):
        raise SettingsError(f"{PREFIX}SMTP_USERNAME and {PREFIX}SMTP_PASSWORD go together")
    if settings.smtp_username and settings.smtp_tls == "off" and settings.smtp_host not in _HERE:
        raise SettingsError(f"{PREFIX}SMTP_TLS is off: a password would be sent in the open")


def _require_url(url: str) -> None:
    if not url:
        return
    parts = urlsplit(url)
    is_plain = parts.scheme in {"http", "https"} and parts.hostname and url.isprintable()
    if not is_plain or "@" in parts.netloc or parts.query or parts.fragment or " " in url:
        raise SettingsError(f"{PREFIX}PUBLIC_URL must be as https://host or https://host/path")


def _require_sender(text: str) -> None:
    if not text:
        raise _needed("MAIL_FROM", f"for {PREFIX}SMTP_HOST")
    try:
        email(parseaddr(text)[1])
    except Invalid:
        is_address = False
    else:
        is_address = text.isprintable()
    if not is_address:
        raise SettingsError(f"{PREFIX}MAIL_FROM must be as name@host.example or Name <…>")


def _needed(name: str, why: str) -> SettingsError:
    return SettingsError(f"{PREFIX}{name} must be set {why}")
