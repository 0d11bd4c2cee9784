"""Admin: AWS credentials."""

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows
from tests.http.site import made

CREDENTIALS = """
{
  "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
  "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "aws_session_token": "optional"
}
"""
UPDATE = "POST /admin/aws-credentials"
STATUS = "GET /admin/aws-credentials/status"
TEST = "POST /admin/aws-credentials/test"


async def test_update_aws_credentials(campus: Campus) -> None:
    shows(await ask(campus.admin, STATUS), '{"configured": false}')
    answer = await ask(campus.admin, UPDATE, CREDENTIALS)
    shows(answer, '{"message": "...", "access_key_last4": "MPLE"}')
    assert "wJalrXUtnFEMI" not in answer.text
    shows(await ask(campus.admin, STATUS), '{"configured": true, "has_session_token": true}')


async def test_the_session_token_is_optional(campus: Campus) -> None:
    without = CREDENTIALS.replace(',\n  "aws_session_token": "optional"', "")
    assert "token" not in without
    made(await ask(campus.admin, UPDATE, without))
    shows(await ask(campus.admin, STATUS), '{"configured": true, "has_session_token": false}')


async def test_credentials_are_stored_encrypted(campus: Campus) -> None:
    made(await ask(campus.admin, UPDATE, CREDENTIALS))
    async with campus.world.ports.store.read() as tx:
        row = await tx.credentials.get()
    assert row is not None
    for secret in ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "optional"):
        assert secret not in repr(row)


async def test_check_aws_credentials_status(campus: Campus) -> None:
    made(await ask(campus.admin, UPDATE, CREDENTIALS))
    answer = await ask(campus.admin, STATUS)
    shows(answer, '{"configured": true, "access_key_last4": "MPLE", "source": "database"}')
    for secret in ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "optional"):
        assert secret not in answer.text


async def test_test_aws_bedrock_connection(campus: Campus) -> None:
    refuses(await ask(campus.admin, TEST), 400)
    made(await ask(campus.admin, UPDATE, CREDENTIALS))
    shows(await ask(campus.admin, TEST), '{"success": true, "message": "...", "region": "..."}')
