"""The authentication group and one's own account, as the reference shows them."""

from tests.http.conftest import Installation
from tests.http.site import API, Site, faults, made

FORM = {
    "email": "user@example.com",
    "password": "SecurePass123",
    "full_name": "John Doe",
    "locale": "en",
    "time_zone": "UTC",
}


async def test_check_email_says_whether_an_address_is_free(installation: Installation) -> None:
    client = installation.client
    path, body = f"{API}/auth/check-email", {"email": "user@example.com"}
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()) == (200, {"available": True})
    made(await client.post(f"{API}/auth/register", json=FORM))
    assert (await client.post(path, json={"email": "USER@Example.com "})).json() == {
        "available": False
    }
    bad = await client.post(path, json={"email": "nobody"})
    assert faults(bad) == [(("body", "email"), "value_error.email")]


async def test_registering_signs_in(installation: Installation) -> None:
    answer = await installation.client.post(f"{API}/auth/register", json=FORM)
    assert answer.status_code == 201
    tokens = answer.json()
    assert tokens.keys() == {"access_token", "refresh_token", "token_type"}
    assert tokens["token_type"] == "bearer"
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    me = (await installation.client.get(f"{API}/users/me", headers=headers)).json()
    assert me == {
        "id": me["id"],
        "email": "user@example.com",
        "full_name": "John Doe",
        "is_active": True,
        "role": "STUDENT",
        "locale": "en",
        "time_zone": "UTC",
        "current_streak_days": 0,
        "last_activity_date": None,
        "created_at": "2026-01-05T12:00:00Z",
    }


async def test_a_taken_address_is_400(installation: Installation) -> None:
    made(await installation.client.post(f"{API}/auth/register", json=FORM))
    again = await installation.client.post(
        f"{API}/auth/register", json=FORM | {"email": "User@Example.com"}
    )
    assert (again.status_code, again.json()) == (400, {"detail": "Email already registered"})


async def test_registering_tells_all_faults_at_once(installation: Installation) -> None:
    form = {"email": "x", "password": "short", "locale": "??", "time_zone": "utc", "role": "ADMIN"}
    found = faults(await installation.client.post(f"{API}/auth/register", json=form))
    assert [loc[1] for loc, _ in found] == [
        "email", "password", "full_name", "locale", "time_zone", "role",
    ]  # fmt: skip
    assert found[0][1] == "value_error.email"
    assert found[1][1] == "value_error.any_str.min_length"
    assert found[2][1] == "value_error.missing"


async def test_f37_a_failed_login_does_not_tell_why(site: Site) -> None:
    path, email = f"{API}/auth/login", site.student.learner.user.email
    wrong = await site.client.post(path, json={"email": email, "password": "not the password"})
    unknown = await site.client.post(path, json={"email": "no@example.com", "password": "x" * 8})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content == b'{"detail":"Incorrect email or password"}'


async def test_a_password_has_its_length_in_code_points(installation: Installation) -> None:
    path = f"{API}/auth/register"
    for at, (password, status) in enumerate(
        [("é" * 7, 422), ("é" * 8, 201), ("🔑" * 128, 201), ("x" * 129, 422), ("x" * 10**5, 422)]
    ):
        form = FORM | {"email": f"u{at}@example.com", "password": password}
        assert (await installation.client.post(path, json=form)).status_code == status
