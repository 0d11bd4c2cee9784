"""Where a Langfuse is, and with which keys: what cannot be asked is refused before it is."""

import pytest

from twosigma.adapters.langfuse.client import Client, checked_url


@pytest.mark.parametrize(
    "url",
    ["", "langfuse.example", "ftp://a", "http://", "https://pk:sk@a.example", "http://a/?x=1",
     "http://a/#x", "http://a:x", "http://a\x00"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^it ") as refused:
        checked_url(url)
    assert "sk" not in str(refused.value)


@pytest.mark.parametrize("key", ["a\nb", "é"])
def test_keys_that_cannot_be_sent_are_refused(key: str) -> None:
    for pair in ((key, "x"), ("x", key)):
        with pytest.raises(ValueError, match="a key holds characters"):
            Client("http://a", *pair)


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("https://a.example", False), ("http://localhost:3000", False),
        ("http://127.0.0.9", False), ("http://[::1]:3", False), ("http://a.example", True),
        ("http://10.0.0.1", True), ("HTTP://langfuse:3000/x", True),
    ],
)  # fmt: skip
async def test_what_others_can_read_on_the_way_is_known(url: str, is_open: bool) -> None:
    async with Client(url, "a", "b") as client:
        assert client.is_open == is_open
