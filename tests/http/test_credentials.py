"""AWS credentials over HTTP: what the answers say, and that no secret is in any."""

import pytest
from structlog.testing import LogCapture

from tests.credentials import ACCESS_KEY, CANARIES, SECRET, TOKEN
from tests.http.site import Site, faults, made
from twosigma.domain.credentials import Ambient
from twosigma.testing import NamedCipher, ScriptedBedrock

PATH = "/admin/aws-credentials"
BODY = {
    "aws_access_key_id": ACCESS_KEY,
    "aws_secret_access_key": SECRET,
    "aws_session_token": TOKEN,
}
NOTHING = {
    "configured": False,
    "error": None,
    "source": "none",
    "access_key_last4": None,
    "has_session_token": False,
    "aws_region": "us-east-1",
    "updated_at": None,
    "updated_by": None,
    "last_test": None,
}


def bedrock_of(site: Site) -> ScriptedBedrock:
    bedrock = site.world.ports.bedrock
    assert isinstance(bedrock, ScriptedBedrock)
    return bedrock


async def test_stored_told_tried_and_erased(site: Site) -> None:
    assert (await site.admin.get(f"{PATH}/status")).json() == NOTHING
    stored = await site.admin.post(PATH, {**BODY, "aws_region": "eu-west-1"})
    assert stored.status_code == 200
    updated_at = stored.json()["updated_at"]
    assert stored.json() == {
        "message": "AWS credentials stored", "access_key_last4": "4321", "updated_at": updated_at,
    }  # fmt: skip
    tried = await site.admin.ask("POST", f"{PATH}/test")
    assert tried.status_code == 200
    assert tried.json() == {
        "success": True, "message": "Bedrock answered", "region": "eu-west-1", "latency_ms": 12,
    }  # fmt: skip
    status = (await site.admin.get(f"{PATH}/status")).json()
    assert status == {
        "configured": True, "error": None, "source": "database", "access_key_last4": "4321",
        "has_session_token": True, "aws_region": "eu-west-1", "updated_at": updated_at,
        "updated_by": site.admin.id,
        "last_test": {
            **tried.json(), "tested_at": status["last_test"]["tested_at"],
            "tested_by": site.admin.id,
        },
    }  # fmt: skip
    erased = await site.admin.ask("DELETE", PATH)
    assert (erased.status_code, erased.content) == (204, b"")
    assert (await site.admin.get(f"{PATH}/status")).json() == NOTHING
    assert (await site.admin.ask("DELETE", PATH)).status_code == 204


async def test_the_region_and_the_session_token_may_be_left_out(site: Site) -> None:
    for token in ({}, {"aws_session_token": None}, {"aws_session_token": ""}):
        body = {name: BODY[name] for name in list(BODY)[:2]} | token
        made(await site.admin.post(PATH, body))
        status = (await site.admin.get(f"{PATH}/status")).json()
        assert (status["has_session_token"], status["aws_region"]) == (False, "us-east-1")


async def test_f81_aws_refuses_and_the_answer_is_200_with_the_class(site: Site) -> None:
    made(await site.admin.post(PATH, BODY))
    bedrock_of(site).failure = "AccessDeniedException"
    tried = await site.admin.ask("POST", f"{PATH}/test")
    assert tried.status_code == 200
    assert tried.json()["success"] is False
    assert tried.json()["message"].startswith("AccessDeniedException")
    status = (await site.admin.get(f"{PATH}/status")).json()
    assert status["last_test"]["message"] == tried.json()["message"]


async def test_where_none_are_configured_a_trial_is_400(site: Site) -> None:
    tried = await site.admin.ask("POST", f"{PATH}/test")
    assert (tried.status_code, tried.headers["x-error-code"]) == (400, "no_credentials")
    bedrock_of(site).found = Ambient(access_key_last4="ENVI", has_session_token=False)
    assert (await site.admin.ask("POST", f"{PATH}/test")).status_code == 200
    assert (await site.admin.get(f"{PATH}/status")).json()["source"] == "environment"


async def test_without_an_encryption_key_storing_is_503(site: Site) -> None:
    cipher = site.world.ports.cipher
    assert isinstance(cipher, NamedCipher)
    cipher.keys = ()
    refused = await site.admin.post(PATH, BODY)
    assert refused.status_code == 503
    assert "retry-after" in refused.headers
    assert "encryption key" in refused.json()["detail"]
    assert faults(await site.admin.post(PATH, {})) != [], "its form is looked at first"


async def test_f111_what_cannot_be_read_is_never_a_500(site: Site) -> None:
    made(await site.admin.post(PATH, BODY))
    cipher = site.world.ports.cipher
    assert isinstance(cipher, NamedCipher)
    cipher.keys = ("new",)
    status = (await site.admin.get(f"{PATH}/status")).json()
    assert (status["configured"], status["error"]) == (False, "unreadable")
    tried = await site.admin.ask("POST", f"{PATH}/test")
    assert (tried.status_code, tried.headers["x-error-code"]) == (400, "credentials_unreadable")


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("aws_access_key_id", "akiaiosfodnn7example", "value_error.str.regex"),
        ("aws_secret_access_key", "short", "value_error.any_str.min_length"),
        ("aws_secret_access_key", "x" * 257, "value_error.any_str.max_length"),
        ("aws_session_token", "x" * 4_097, "value_error.any_str.max_length"),
        ("aws_session_token", "a\r\nb", "value_error.str.regex"),
        ("aws_region", "moon", "value_error.str.regex"),
        ("aws_region", None, "type_error.none.not_allowed"),
    ],
)
async def test_a_bad_field_is_422_at_its_place(
    site: Site, field: str, value: object, kind: str
) -> None:
    assert faults(await site.admin.post(PATH, {**BODY, field: value})) == [(("body", field), kind)]


async def test_an_idempotency_key_keeps_no_answer_of_these_bodies(site: Site) -> None:
    headers = {"Idempotency-Key": "the-same"}
    for last4 in ("4321", "9999"):
        body = {**BODY, "aws_access_key_id": f"AKIACANARYCANARY{last4}"}
        answer = await site.admin.post(PATH, body, headers=headers)
        assert made(answer)["access_key_last4"] == last4


async def test_f120_no_secret_is_in_an_answer_or_a_log_line(site: Site, log: LogCapture) -> None:
    long = {**BODY, "aws_region": SECRET}
    answers = [
        await site.admin.post(PATH, BODY),
        await site.admin.post(PATH, long),
        await site.admin.get(f"{PATH}/status"),
        await site.admin.ask("POST", f"{PATH}/test"),
        await site.student.post(PATH, BODY),
        await site.admin.ask("POST", PATH, content=str(BODY)),
    ]
    told = " ".join([*(answer.text for answer in answers), repr(log.entries)])
    assert len(log.entries) >= len(answers)
    assert not any(canary in told for canary in CANARIES)
