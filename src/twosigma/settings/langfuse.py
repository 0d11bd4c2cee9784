"""The Langfuse that prompts are pulled from, in the variables that its SDKs read."""

import os
from collections.abc import Mapping

from msgspec import Struct

from twosigma.settings.fields import Secret, SettingsError

URL, PUBLIC_KEY = "LANGFUSE_BASE_URL", "LANGFUSE_PUBLIC_KEY"
SECRET_KEY = "LANGFUSE_SECRET_KEY"  # noqa: S105 -- the name of a variable


class Langfuse(Struct, frozen=True, kw_only=True):
    url: str
    public_key: str
    secret_key: Secret


def langfuse(url: str | None, environ: Mapping[str, str] | None = None) -> Langfuse:
    """Where it is (unless a command says so) and a key pair of it; raises SettingsError for what
    is missing. They are no settings of 2Sigma's, and keys are no arguments."""
    given = os.environ if environ is None else environ
    known = {name: given.get(name, "").strip() for name in (URL, PUBLIC_KEY, SECRET_KEY)}
    known[URL] = url or known[URL]
    missing = [name for name, text in known.items() if not text]
    if missing:
        raise SettingsError(f"not set: {', '.join(missing)}")
    return Langfuse(
        url=known[URL], public_key=known[PUBLIC_KEY], secret_key=Secret(known[SECRET_KEY])
    )
