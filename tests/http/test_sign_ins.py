"""Signing out, changing a password, the list of sign-ins."""

from typing import Any

from tests.http.site import API, Caller, Site, faults, made
from twosigma.testing import PASSWORD


async def with_refresh(caller: Caller, path: str) -> Any:
    headers = {"Authorization": f"Bearer {caller.refresh_token}"}
    return await caller.client.post(API + path, headers=headers)


async def test_signing_out_takes_the_refresh_token(site: Site) -> None:
    assert (await site.student.ask("POST", "/auth/logout")).status_code == 401
    assert (await site.client.post(f"{API}/auth/logout")).status_code == 401
    gone = await with_refresh(site.student, "/auth/logout")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await with_refresh(site.student, "/auth/logout")).status_code == 204
    assert (await with_refresh(site.student, "/auth/refresh")).status_code == 401
    assert (await site.student.get("/users/me")).status_code == 200
    assert (await with_refresh(site.other, "/auth/refresh")).status_code == 200


async def test_signing_out_everywhere_takes_the_access_token(site: Site) -> None:
    assert (await with_refresh(site.student, "/auth/logout-all")).status_code == 401
    gone = await site.student.ask("POST", "/auth/logout-all")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await with_refresh(site.student, "/auth/refresh")).status_code == 401


async def test_a_password_is_changed_with_the_current_one(site: Site) -> None:
    body = {"current_password": "wrong horse battery", "new_password": "NewSecurePass1"}
    wrong = await site.student.post("/auth/change-password", body)
    assert (wrong.status_code, wrong.headers["x-error-code"]) == (400, "wrong_password")
    assert wrong.json() == {"detail": "The current password is incorrect"}
    body["current_password"] = PASSWORD
    short = await site.student.post("/auth/change-password", body | {"new_password": "short"})
    place = ("body", "new_password")
    assert faults(short) == [(place, "value_error.any_str.min_length")]
    email = site.student.learner.user.email
    same = await site.student.post("/auth/change-password", body | {"new_password": email})
    assert faults(same) == [(place, "value_error")]
    done = await site.student.post("/auth/change-password", body)
    assert (done.status_code, done.content) == (204, b"")
    assert (await with_refresh(site.student, "/auth/refresh")).status_code == 401
    form = {"email": email, "password": "NewSecurePass1"}
    made(await site.client.post(f"{API}/auth/login", json=form))


async def test_sign_ins_are_listed_and_ended(site: Site) -> None:
    form = {"email": site.student.learner.user.email, "password": PASSWORD}
    made(await site.client.post(f"{API}/auth/login", json=form))
    answer = await site.student.get("/auth/sessions")
    rows: Any = made(answer)
    assert answer.headers["x-total-count"] == "2"
    fields = {"id", "created_at", "last_used_at", "expires_at"}
    assert all(row.keys() == fields for row in rows)
    assert len(made(await site.student.get("/auth/sessions?skip=1&limit=5"))) == 1
    path = f"/auth/sessions/{rows[0]['id']}"
    assert (await site.other.ask("DELETE", path)).status_code == 404
    assert (await site.student.ask("DELETE", path)).status_code == 204
    again = await site.student.ask("DELETE", path)
    assert (again.status_code, again.json()) == (404, {"detail": "Session not found"})
    assert made(await site.student.get("/auth/sessions")) == rows[1:]
    assert (await with_refresh(site.student, "/auth/refresh")).status_code == 401
