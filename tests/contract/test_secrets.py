"""What every cipher keeps to, whatever is behind it."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.adapters.memory.secrets import NamedCipher
from twosigma.adapters.security.cipher import AesCipher
from twosigma.domain.errors import Unavailable
from twosigma.domain.sealing import Place, Unreadable
from twosigma.ports.secrets import Cipher

HERE = Place("table", "column", "row")
Make = Callable[..., Cipher]


def memory(*keys: str) -> Cipher:
    return NamedCipher(keys)


def aes(*keys: str) -> Cipher:
    ring = [f"{key}:{b64encode(key.encode().ljust(32, b'.')).decode()}" for key in keys]
    return AesCipher(",".join(ring) if ring else None)


each = pytest.mark.parametrize("make", [memory, aes])


@each
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_again(make: Make, text: str) -> None:
    cipher = make("new", "old")
    sealed = cipher.seal(text, HERE)
    assert cipher.open(sealed, HERE) == text
    assert cipher.is_current(sealed)
    assert len(text) < 8 or text not in sealed


@each
def test_f111_the_first_key_seals_and_all_open(make: Make) -> None:
    old = make("old").seal("secret", HERE)
    ring = make("new", "old")
    assert ring.open(old, HERE) == "secret"
    assert not ring.is_current(old)
    new = ring.seal(ring.open(old, HERE), HERE)
    assert ring.is_current(new)
    assert make("new").open(new, HERE) == "secret"


@each
def test_f111_without_its_key_it_is_unreadable(make: Make) -> None:
    sealed = make("old").seal("secret", HERE)
    for ring in (make("new"), make()):
        with pytest.raises(Unreadable):
            ring.open(sealed, HERE)


@each
@pytest.mark.parametrize("at", ["table", "column", "row"])
def test_f111_elsewhere_it_is_unreadable(make: Make, at: str) -> None:
    cipher = make("key")
    places = {"table": "table", "column": "column", "row": "row", at: "other"}
    with pytest.raises(Unreadable):
        cipher.open(cipher.seal("secret", HERE), Place(**places))


@each
@pytest.mark.parametrize("sealed", ["", "key", "key:", "key:!", "key:YQ==", ":", "ключ:ä", "key:é"])
def test_f111_what_nobody_sealed_is_unreadable(make: Make, sealed: str) -> None:
    with pytest.raises(Unreadable):
        make("key").open(sealed, HERE)


@each
def test_without_a_key_nothing_can_be_sealed(make: Make) -> None:
    with pytest.raises(Unavailable):
        make().seal("secret", HERE)
    assert not make().is_current("")
