"""AES-GCM under a ring of keys, and rings that stop the start."""

import re
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.running import command
from twosigma.adapters.security.cipher import NONCE_BYTES, AesCipher, UnusableKeys
from twosigma.domain.sealing import Place, Unreadable

KEY = b64encode(b"k" * 32).decode()
OTHER = b64encode(b"o" * 32).decode()
HERE = Place("aws_credentials", "secret_access_key", "row")
CIPHER = AesCipher(f"one:{KEY}")


def test_a_text_is_sealed_in_another_way_each_time() -> None:
    sealed = {CIPHER.seal("the same", HERE) for _ in range(50)}
    nonces = {b64decode(one.partition(":")[2])[:NONCE_BYTES] for one in sealed}
    assert len(sealed) == len(nonces) == 50


@given(st.binary(min_size=1, max_size=40), st.data())
def test_f111_a_changed_bit_anywhere_is_noticed(plain: bytes, data: st.DataObject) -> None:
    text = plain.hex()
    key_id, _, packed = CIPHER.seal(text, HERE).partition(":")
    box = bytearray(b64decode(packed))
    at = data.draw(st.integers(0, len(box) * 8 - 1))
    box[at // 8] ^= 1 << at % 8
    with pytest.raises(Unreadable):
        CIPHER.open(f"{key_id}:{b64encode(box).decode()}", HERE)


@given(st.integers(0, 40))
def test_f111_a_cut_text_is_noticed(length: int) -> None:
    sealed = CIPHER.seal("secret", HERE)
    with pytest.raises(Unreadable):
        CIPHER.open(sealed[: min(length, len(sealed) - 1)], HERE)


def test_f111_the_same_key_under_another_id_does_not_open_it() -> None:
    sealed = CIPHER.seal("secret", HERE)
    renamed = AesCipher(f"two:{KEY}")
    with pytest.raises(Unreadable):
        renamed.open("two:" + sealed.partition(":")[2], HERE)


def test_spaces_around_the_keys_of_a_ring_do_not_matter() -> None:
    ring = AesCipher(f" two:{OTHER} , one:{KEY} \n")
    assert ring.open(CIPHER.seal("secret", HERE), HERE) == "secret"


WRONG = {
    "": "key 1 is not of the form id:base64",
    " ": "key 1 is not of the form id:base64",
    KEY: "key 1 is not of the form id:base64",
    "a" * 32: "key 1 is not of the form id:base64",
    f":{KEY}": "key 1 is not of the form id:base64",
    f"a b:{KEY}": "key 1 is not of the form id:base64",
    f"one:{KEY},": "key 2 is not of the form id:base64",
    "one:": "key one has 0 bytes; it must have 32",
    "one:!!!!": "key one is not base64",
    f"one:{KEY[:-1]}": "key one is not base64",
    f"one:{b64encode(b'k' * 31).decode()}": "key one has 31 bytes; it must have 32",
    f"one:{b64encode(b'k' * 33).decode()}": "key one has 33 bytes; it must have 32",
    f"one:{KEY},one:{OTHER}": "holds two keys with the id one",
    f"one:{KEY},two:{KEY}": "holds the key two under another id too",
}


@pytest.mark.parametrize(("ring", "why"), WRONG.items())
def test_a_ring_that_cannot_be_used_is_refused_without_showing_it(ring: str, why: str) -> None:
    with pytest.raises(UnusableKeys, match=f"^{re.escape(why)}$") as refused:
        AesCipher(ring)
    assert KEY[:20] not in str(refused.value)


def refusal(ring: str) -> str:
    try:
        AesCipher(ring)
    except UnusableKeys as unusable:
        return str(unusable)
    return "none"


@given(st.text())
def test_any_text_is_a_ring_or_is_refused_in_a_line(ring: str) -> None:
    assert len(refusal(ring).splitlines()) == 1


def test_a_bad_ring_stops_the_start_and_the_line_names_the_setting(tmp_path: Path) -> None:
    settings = {"VAR_DIR": str(tmp_path / "var"), "ENCRYPTION_KEYS": f"one:{KEY[:20]}"}
    ended = command(settings, "keys", "rotate")
    assert ended.code == 2
    assert ended.err.startswith("twosigma: TWOSIGMA_ENCRYPTION_KEYS: key one ")
    assert KEY[:20] not in ended.err
