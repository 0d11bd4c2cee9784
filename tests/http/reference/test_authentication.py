"""Authentication: registration, login, token refresh."""

from dataclasses import replace

import pytest

from tests.http.conftest import Installation
from tests.http.reference.campus import JOHN, Campus, places
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows
from tests.http.site import API, made
from twosigma.domain.actor import Role

CHECK_EMAIL = """
{
  "email": "user@example.com"
}
"""
TOKENS = """
{
  "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
  "refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
  "token_type": "bearer"
}
"""


async def test_authentication_is_the_bearer_token_scheme(campus: Campus) -> None:
    path = f"{API}/users/me"
    token = {"Authorization": f"Bearer {campus.john.token}"}
    assert (await campus.client.get(path, headers=token)).status_code == 200
    for value in (campus.john.token, f"Basic {campus.john.token}", "Bearer YOUR_ACCESS_TOKEN"):
        answer = await campus.client.get(path, headers={"Authorization": value})
        refuses(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_interactive_documentation_is_served(installation: Installation) -> None:
    assert (await installation.client.get("/docs")).status_code == 200
    document = (await installation.client.get("/openapi.json")).json()
    assert f"{API}/auth/check-email" in document["paths"]


async def test_check_email_availability(installation: Installation) -> None:
    answer = await ask(installation.client, "POST /auth/check-email", CHECK_EMAIL)
    shows(answer, '{"available": true}')
    made(await ask(installation.client, "POST /auth/register", JOHN))
    answer = await ask(installation.client, "POST /auth/check-email", CHECK_EMAIL)
    shows(answer, '{"available": false}')


async def test_register_user(installation: Installation) -> None:
    tokens = shows(await ask(installation.client, "POST /auth/register", JOHN), TOKENS, 201)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    user = await installation.client.get(f"{API}/users/me", headers=headers)
    shows(
        user,
        """
        {
          "email": "user@example.com",
          "full_name": "John Doe",
          "locale": "en",
          "time_zone": "UTC"
        }
        """,
    )
    refuses(await ask(installation.client, "POST /auth/register", JOHN), 400)


async def test_register_with_onboarding(installation: Installation) -> None:
    admin = await installation.caller(await installation.world.user(Role.PLATFORM_ADMIN))
    await places(admin)
    answer = await ask(
        installation.client,
        "POST /auth/register-with-onboarding",
        """
        {
          "email": "user@example.com",
          "password": "SecurePass123",
          "full_name": "John Doe",
          "profile": {
            "date_of_birth": "2000-01-01",
            "learning_goal": "CAREER_ADVANCEMENT",
            "study_level": "UNDERGRADUATE",
            "grade": "SOPHOMORE"
          },
          "subject_preferences": [1, 2, 3]
        }
        """,
    )
    tokens = shows(answer, TOKENS, 201)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    shows(
        await installation.client.get(f"{API}/users/me/profile", headers=headers),
        """
        {
          "date_of_birth": "2000-01-01",
          "learning_goal": "CAREER_ADVANCEMENT",
          "study_level": "UNDERGRADUATE",
          "grade": "SOPHOMORE",
          "subject_preferences": [1, 2, 3]
        }
        """,
    )


@pytest.mark.parametrize(
    ("password", "status"), [("SecurePass123", 200), ("SecurePass124", 401), ("", 401)]
)
async def test_login(campus: Campus, password: str, status: int) -> None:
    answer = await ask(
        campus.client,
        "POST /auth/login",
        """
        {
          "email": "user@example.com",
          "password": "SecurePass123"
        }
        """.replace("SecurePass123", password),
    )
    if status == 200:
        shows(answer, TOKENS)
    else:
        refuses(answer, status)


async def test_refresh_token(campus: Campus) -> None:
    old = campus.john
    bearer = replace(old, token=old.refresh_token)
    tokens = shows(await ask(bearer, "POST /auth/refresh"), TOKENS)
    new = {tokens["access_token"], tokens["refresh_token"]}
    assert new.isdisjoint({old.token, old.refresh_token})
    bearer.token = tokens["access_token"]
    assert (await ask(bearer, "GET /users/me")).status_code == 200
    refuses(await ask(bearer, "POST /auth/refresh"), 401)
