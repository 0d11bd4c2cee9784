"""Tokens: ours, and everything that only looks like one of ours."""

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.adapters.security import tokens as module
from twosigma.adapters.security.random import SystemRandom
from twosigma.adapters.security.tokens import JwtTokens
from twosigma.domain.errors import Unauthenticated
from twosigma.domain.tokens import Audience, Claims

KEY = b"k" * 32
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
EXPIRES = NOW + timedelta(minutes=30)
PLAIN: dict[str, object] = {
    "sub": "7", "aud": "access", "iss": "twosigma", "jti": "j1",
    "iat": int(NOW.timestamp()), "exp": int(EXPIRES.timestamp()),
}  # fmt: skip


def claims(audience: Audience = "access") -> Claims:
    return Claims(user_id=7, audience=audience, jti="j1", issued_at=NOW, expires_at=EXPIRES)


def forged(header: dict[str, object] | None = None, **changes: object) -> str:
    """A token signed with our key; a change to None takes the claim out."""
    payload = {name: value for name, value in {**PLAIN, **changes}.items() if value is not None}
    return jwt.encode(payload, KEY, "HS256", headers=header)


def raw(header: bytes, payload: bytes) -> str:
    """A token of these very bytes, signed with our key."""
    parts = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(parts, KEY)
    return (parts + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


@pytest.fixture
def tokens() -> JwtTokens:
    return JwtTokens(KEY)


def refuse(tokens: JwtTokens, token: str, now: datetime = NOW) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(token, "access", now)


HEADER = b'{"alg":"HS256","typ":"JWT"}'
BODY = json.dumps(PLAIN).encode()


def test_a_token_says_what_was_signed(tokens: JwtTokens) -> None:
    assert tokens.verify(tokens.sign(claims()), "access", NOW) == claims()


@given(
    st.integers(1, 2**63 - 1),
    st.sampled_from(["access", "refresh"]),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=50),
    st.integers(-(10**6), 10**6),
)
def test_every_token_reads_back(user_id: int, audience: Audience, jti: str, life: int) -> None:
    tokens = JwtTokens(KEY)
    said = Claims(
        user_id=user_id, audience=audience, jti=jti, issued_at=NOW,
        expires_at=NOW + timedelta(seconds=life),
    )  # fmt: skip
    assert tokens.verify(tokens.sign(said), audience, NOW + timedelta(seconds=life)) == said


def test_the_same_claims_give_the_same_token(tokens: JwtTokens) -> None:
    assert tokens.sign(claims()) == JwtTokens(KEY).sign(claims())


def test_f31_no_algorithm_but_ours_is_taken(tokens: JwtTokens) -> None:
    refuse(tokens, jwt.encode(PLAIN, "", "none"))
    refuse(tokens, jwt.encode(PLAIN, KEY * 2, "HS512"))
    refuse(tokens, jwt.encode(PLAIN, b"other" * 8, "HS256"))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_f31_a_token_changed_anywhere_is_refused(tokens: JwtTokens, part: int) -> None:
    parts = tokens.sign(claims()).split(".")
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]
    refuse(tokens, ".".join(parts))


def test_f31_a_token_cut_anywhere_is_refused(tokens: JwtTokens) -> None:
    token = tokens.sign(claims())
    for length in range(len(token)):
        refuse(tokens, token[:length])


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (b"not json", BODY), (b"[]", BODY), (b"null", BODY), (b"\xff", BODY), (b"", BODY),
        (HEADER, b"not json"), (HEADER, b"[]"), (HEADER, b"7"), (HEADER, b"\xff"), (HEADER, b""),
        (b"[" * 3000, BODY), (HEADER, b"[" * 3000), (HEADER, b'{"a":' * 600),
        (b"[" * 50_000, BODY), (HEADER, b"[" * 50_000),
        (b'{"alg":"HS256","kid":["a"]}', BODY), (b'{"alg":["HS256"]}', BODY),
        (b'{"alg":"HS256","crit":["x"],"x":1}', BODY), (b'{"alg":"HS256","crit":[]}', BODY),
        (b'{"alg":"HS256","b64":false,"crit":["b64"]}', BODY), (b'{"alg":{}}', BODY),
        (HEADER, BODY.replace(b'"exp": ', b'"exp": ' + b"9" * 2000)),
    ],
)  # fmt: skip
def test_f31_odd_headers_and_payloads_are_refused(
    tokens: JwtTokens, header: bytes, payload: bytes
) -> None:
    refuse(tokens, raw(header, payload))


def test_f31_deep_json_is_refused_also_where_it_is_not_too_long(
    tokens: JwtTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LENGTH", 10**6)
    refuse(tokens, raw(HEADER, b"[" * 50_000))
    refuse(tokens, raw(b"[" * 50_000, BODY))


def test_f31_the_raw_signer_of_these_tests_makes_good_tokens(tokens: JwtTokens) -> None:
    assert tokens.verify(raw(HEADER, BODY), "access", NOW) == claims()


@given(st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9_=-]*(\.[A-Za-z0-9_=-]*){0,4}"))
def test_f31_no_text_breaks_it(token: str) -> None:
    refuse(JwtTokens(KEY), token)


@pytest.mark.parametrize("issuer", ["other", "", ["twosigma"], 7, None])
def test_a_token_of_another_issuer_is_refused(tokens: JwtTokens, issuer: object) -> None:
    if issuer == 7:
        refuse(tokens, raw(HEADER, json.dumps({**PLAIN, "iss": 7}).encode()))
    elif isinstance(issuer, list):
        refuse(tokens, raw(HEADER, json.dumps({**PLAIN, "iss": issuer}).encode()))
    else:
        refuse(tokens, forged(iss=issuer))


def test_f32_each_token_serves_its_own_purpose_only(tokens: JwtTokens) -> None:
    refuse(tokens, tokens.sign(claims("refresh")))
    access = tokens.sign(claims("access"))
    with pytest.raises(Unauthenticated):
        tokens.verify(access, "refresh", NOW)


def test_f32_a_remembered_token_serves_no_other_purpose(tokens: JwtTokens) -> None:
    refresh = tokens.sign(claims("refresh"))
    tokens.verify(refresh, "refresh", NOW)
    refuse(tokens, refresh)


@pytest.mark.parametrize("audience", [["access", "refresh"], ["access"], "", "ACCESS", None])
def test_f32_no_audience_but_ours_is_taken(tokens: JwtTokens, audience: object) -> None:
    refuse(tokens, forged(aud=audience))


@pytest.mark.parametrize("remembered", [False, True])
def test_f33_a_token_ends_with_its_leeway(tokens: JwtTokens, remembered: bool) -> None:
    token = tokens.sign(claims())
    if remembered:
        tokens.verify(token, "access", NOW)
    assert tokens.verify(token, "access", EXPIRES + timedelta(seconds=29.9)) == claims()
    refuse(tokens, token, EXPIRES + timedelta(seconds=30))
    refuse(tokens, token, EXPIRES + timedelta(seconds=31))


def test_f33_a_token_issued_in_the_future_is_taken(tokens: JwtTokens) -> None:
    assert tokens.verify(tokens.sign(claims()), "access", NOW - timedelta(hours=5)) == claims()


@pytest.mark.parametrize("name", ["exp", "iat"])
@pytest.mark.parametrize(
    "value", [None, "soon", "1790000000", 1.5, float("inf"), float("nan"), True, [], 10**12, 10**30,
              253402300799, -(10**18)],
)  # fmt: skip
def test_f33_an_odd_instant_is_refused(tokens: JwtTokens, name: str, value: object) -> None:
    refuse(tokens, raw(HEADER, json.dumps({**PLAIN, name: value}).encode()))


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_f33_no_claim_may_be_missing(tokens: JwtTokens, name: str) -> None:
    refuse(tokens, forged(**{name: None}))


@pytest.mark.parametrize(
    "subject", ["", "x", "0", "-1", "+7", "07", " 7", "7 ", "7\n", "1_0", "٧", "7.0", "1e3",
                str(2**63), "9" * 400],
)  # fmt: skip
def test_f34_a_subject_that_is_no_id_is_refused(tokens: JwtTokens, subject: str) -> None:
    refuse(tokens, forged(sub=subject))


@pytest.mark.parametrize("subject", [7, 7.0, True, None, ["7"], {"id": 7}])
def test_f34_a_subject_that_is_no_text_is_refused(tokens: JwtTokens, subject: object) -> None:
    refuse(tokens, raw(HEADER, json.dumps({**PLAIN, "sub": subject}).encode()))


@pytest.mark.parametrize("jti", ["", 7, None, ["j"]])
def test_an_odd_jti_is_refused(tokens: JwtTokens, jti: object) -> None:
    refuse(tokens, raw(HEADER, json.dumps({**PLAIN, "jti": jti}).encode()))


def test_f42_a_short_key_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        JwtTokens(b"k" * 31)


def test_an_error_holds_neither_token_nor_key(tokens: JwtTokens) -> None:
    with pytest.raises(Unauthenticated) as caught:
        tokens.verify(forged(sub="x"), "access", NOW)
    assert caught.value.detail == "Could not validate credentials"


def test_what_is_remembered_stays_bounded(
    tokens: JwtTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    signed = [forged(jti=f"j{number}") for number in range(10)]
    for token in signed:
        tokens.verify(token, "access", NOW)
    assert list(tokens._remembered) == [("access", token) for token in signed[-3:]]


def test_a_token_that_expired_is_forgotten(tokens: JwtTokens) -> None:
    token = tokens.sign(claims())
    tokens.verify(token, "access", NOW)
    refuse(tokens, token, EXPIRES + timedelta(seconds=31))
    assert not tokens._remembered


def test_random_secrets_are_long_and_differ() -> None:
    random = SystemRandom()
    secrets = {random.token() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(base64.urlsafe_b64decode(secret)) >= 16 for secret in secrets)
    assert len({random.uuid() for _ in range(100)}) == 100
