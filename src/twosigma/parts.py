"""What the settings choose among: for the composition root (`main`), whose rules hold here too."""

from twosigma.ports.mail import Mail
from twosigma.settings import Settings, SettingsError


def mail(settings: Settings) -> Mail:
    """Mails go to the server that is set, or where the log is written."""
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


def signing_key(settings: Settings) -> bytes:
    """The key that tokens are signed with. Raises SettingsError."""
    from twosigma.adapters.system.signing_key import UnusableKey, signing_key

    configured = settings.secret_key.value if settings.secret_key is not None else None
    try:
        return signing_key(configured, settings.host, settings.var)
    except UnusableKey as unusable:
        raise SettingsError(f"TWOSIGMA_SECRET_KEY {unusable}") from None
