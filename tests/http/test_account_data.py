"""One's data taken along, and one's account erased, over HTTP."""

from typing import Any

from tests.http.site import API, Site, faults, greet, made
from twosigma.testing import PASSWORD

KEYS = (
    "exported_at", "account", "profile", "course_roles", "enrollments", "content_progress",
    "module_progress", "chat_sessions",
    "feature_requests", "activity", "sign_ins", "api_keys", "tokens_spent",
)  # fmt: skip
HIDDEN = {
    "password", "password_hash", "admin_notes", "correct_answer", "answer_key", "explanation",
    "user_email", "user_name", "jti", "refresh_token", "access_token", "digest", "token",
    "llm_model", "prompt_name",
}  # fmt: skip


def keys_of(value: Any) -> set[str]:
    """Every key at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


async def test_an_export_is_a_file_with_all_that_is_kept_and_nothing_of_staff(site: Site) -> None:
    student = site.student
    session_id = await site.session(student)
    await greet(student, session_id)
    answer = {"questionId": 1, "answer": "A"}
    sent = await student.post(f"/chat/sessions/{session_id}/messages", {"content": answer})
    assert sent.status_code == 200
    request_id = await site.feature_request(student)
    notes = {"admin_notes": "of staff", "status": "declined"}
    made(await site.admin.ask("PATCH", f"/feature-requests/{request_id}", json=notes))
    export = await student.get("/users/me/export")
    assert export.headers["content-disposition"] == 'attachment; filename="2sigma-export.json"'
    assert export.headers["cache-control"] == "no-store"
    told = made(export)
    assert tuple(told) == KEYS
    assert told["account"]["email"] == student.learner.user.email
    assert [row["course_id"] for row in told["enrollments"]] == [site.ids["course_id"]]
    shown = made(await student.get(f"/chat/sessions/{session_id}"))
    assert told["chat_sessions"] == [shown]
    assert len(shown["messages"]) == 4
    requests = made(await student.get("/feature-requests/"))["data"]
    assert told["feature_requests"] == requests
    assert [event["question_id"] for event in told["activity"]] == [None, "1"]
    assert made_list(await student.get("/auth/sessions")) == told["sign_ins"]
    assert not keys_of(told) & HIDDEN
    assert "of staff" not in export.text


def made_list(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()
    return rows


async def test_an_account_is_erased_with_its_password(site: Site) -> None:
    student, email = site.student, site.student.learner.user.email
    session_id = await site.session(student)
    shared = made(await student.post(f"/chat/sessions/{session_id}/share", {}))
    request_id = await site.feature_request(student)
    wrong = await student.ask("DELETE", "/users/me", json={"password": "wrong"})
    assert (wrong.status_code, wrong.json()) == (400, {"detail": "The password is incorrect"})
    assert wrong.headers["x-error-code"] == "wrong_password"
    assert faults(await student.ask("DELETE", "/users/me", json={})) == [
        (("body", "password"), "value_error.missing")
    ]
    gone = await student.ask("DELETE", "/users/me", json={"password": PASSWORD})
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await student.get("/users/me")).status_code == 401
    assert (await site.client.get(shared["share_url"])).status_code == 404
    login = {"email": email, "password": PASSWORD}
    assert (await site.client.post(f"{API}/auth/login", json=login)).status_code == 401
    left = made(await site.admin.get(f"/users/{student.id}"))
    assert (left["full_name"], left["is_active"]) == ("Deleted user", False)
    listed = made_list(await site.admin.get("/users/"))
    assert student.id not in {row["id"] for row in listed}
    wish = made(await site.admin.get(f"/feature-requests/{request_id}"))
    assert (wish["title"], wish["user_name"]) == ("Deleted", "Deleted user")
    again = await site.client.post(f"{API}/auth/check-email", json={"email": email})
    assert again.json() == {"available": True}
    taken = await site.client.post(f"{API}/auth/check-email", json={"email": left["email"]})
    assert taken.status_code == 422


async def test_nobody_erases_another(site: Site) -> None:
    answer = await site.admin.ask(
        "DELETE", f"/users/{site.student.id}", json={"password": PASSWORD}
    )
    assert answer.status_code == 405
    assert made(await site.student.get("/users/me"))["id"] == site.student.id
