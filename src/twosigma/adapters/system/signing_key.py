"""The key that signs tokens: the one that was set, or one made once and kept."""

import os
import secrets
from ipaddress import ip_address
from pathlib import Path

KEY_BYTES = 32
KEY_FILE = "secret.key"


class UnusableKey(Exception):
    """There is no key to sign with; the text says why, without the key."""


def signing_key(configured: str | None, host: str, folder: Path) -> bytes:
    """At least 32 bytes for a server that listens on `host`.

    `configured` None: on a loopback host a random key is made once and kept in `folder` (mode
    600). Raises UnusableKey for a shorter one, and for none on a host that others can reach.
    """
    if configured is not None:
        key = configured.encode("utf-8", "surrogateescape")
        if len(key) < KEY_BYTES:
            raise UnusableKey(f"has {len(key)} bytes; at least {KEY_BYTES} are needed")
        return key
    if not is_loopback(host):
        raise UnusableKey(f"must be set to serve on {host}")
    return _kept(folder / KEY_FILE)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _kept(path: Path) -> bytes:
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _place(path, secrets.token_bytes(KEY_BYTES).hex())
        key = bytes.fromhex(path.read_text("ascii"))
    except OSError as error:
        raise UnusableKey(f"is unset, and {path} cannot be used ({error.strerror})") from None
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        raise UnusableKey(f"is unset, and {path} holds no key; delete it to get a new one")
    return key


def _place(path: Path, text: str) -> None:
    """Write the file whole or not at all. Of two processes that make it one wins, and both use
    what is in the file."""
    whole = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    opened = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(opened, "w") as file:
            file.write(text)
        os.link(whole, path)
    except FileExistsError:
        pass
    finally:
        whole.unlink()
