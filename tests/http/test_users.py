"""Users: oneself, others by id, the list."""

from typing import Any

import pytest

from tests.http.site import Site, faults, made

FIELDS = {
    "id", "email", "full_name", "is_active", "role", "locale", "time_zone", "current_streak_days",
    "last_activity_date", "created_at",
}  # fmt: skip


async def test_one_changes_ones_name_locale_and_zone(site: Site) -> None:
    before = made(await site.student.get("/users/me"))
    body = {"full_name": " Jane Doe ", "locale": "ES", "time_zone": "America/New_York"}
    answer = await site.student.ask("PUT", "/users/me", json=body)
    after = before | {"full_name": "Jane Doe", "locale": "es", "time_zone": "America/New_York"}
    assert (answer.status_code, answer.json()) == (200, after)
    assert made(await site.student.get("/users/me")) == after
    assert made(await site.student.ask("PUT", "/users/me", json={})) == after
    assert made(await site.student.ask("PUT", "/users/me", json={"locale": "en"})) == after | {
        "locale": "en"
    }


@pytest.mark.parametrize("field", ["email", "role", "id", "is_active", "password", "created_at"])
async def test_f52_nothing_else_of_oneself_can_be_sent(site: Site, field: str) -> None:
    before = made(await site.student.get("/users/me"))
    answer = await site.student.ask("PUT", "/users/me", json={"locale": "es", field: "x"})
    assert faults(answer) == [(("body", field), "value_error.extra")]
    assert made(await site.student.get("/users/me")) == before


async def test_f57_a_student_sees_nobody_else(site: Site) -> None:
    own = await site.student.get(f"/users/{site.student.id}")
    assert (own.status_code, own.json()) == (200, made(await site.student.get("/users/me")))
    there, absent = [await site.student.get(f"/users/{n}") for n in (site.other.id, 424242)]
    assert there.status_code == absent.status_code == 403
    assert there.content == absent.content
    assert (await site.student.get("/users/")).status_code == 403
    assert (await site.student.get("/users/?limit=0")).status_code == 403


async def test_f57_an_instructor_sees_all_and_no_secret(site: Site) -> None:
    answer = await site.instructor.get("/users/")
    rows: Any = made(answer)
    assert answer.headers["x-total-count"] == str(len(rows))
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert {site.student.id, site.admin.id} <= {row["id"] for row in rows}
    assert all(row.keys() == FIELDS for row in rows)
    for row in rows:
        assert made(await site.instructor.get(f"/users/{row['id']}")) == row
    absent = await site.admin.get("/users/424242")
    assert (absent.status_code, absent.json()) == (404, {"detail": "User not found"})


async def test_the_list_is_searched_narrowed_and_paged(site: Site) -> None:
    await site.student.ask("PUT", "/users/me", json={"full_name": "100% Zoë"})
    for query, ids in (
        ("q=ZO%C3%8B", [site.student.id]), ("q=0%25", [site.student.id]),
        (f"q={site.other.learner.user.email.upper()}", [site.other.id]), ("q=nobody", []),
        ("role=INSTRUCTOR", [site.instructor.id]), ("is_active=false", []),
        ("role=INSTRUCTOR&q=zo%C3%AB", []),
    ):  # fmt: skip
        answer = await site.instructor.get(f"/users/?{query}")
        rows: Any = made(answer)
        assert [row["id"] for row in rows] == ids, query
        assert answer.headers["x-total-count"] == str(len(ids))
    first = await site.instructor.get("/users/?skip=1&limit=1")
    whole: Any = made(await site.instructor.get("/users"))
    assert first.json() == whole[1:2]
    assert first.headers["x-total-count"] == str(len(whole))


async def test_bad_values_of_the_lists_query_are_422(site: Site) -> None:
    answer = await site.instructor.get("/users/?role=X&is_active=1&skip=-1&limit=101&q=%00")
    assert {loc[1] for loc, _ in faults(answer)} == {"q", "role", "is_active", "skip", "limit"}


async def test_f36_an_admin_changes_a_role_and_a_state_and_the_next_request_obeys(
    site: Site,
) -> None:
    teacher, path = site.instructor, f"/users/{site.instructor.id}"
    before = made(await teacher.get("/users/me"))
    lowered = await site.admin.ask("PUT", f"{path}/role", json={"role": "STUDENT"})
    assert (lowered.status_code, lowered.json()) == (200, before | {"role": "STUDENT"})
    assert (await teacher.get("/users/")).status_code == 403
    off = await site.admin.ask("PUT", f"{path}/status", json={"is_active": False})
    assert off.json() == before | {"role": "STUDENT", "is_active": False}
    assert (await teacher.get("/users/me")).status_code == 401
    made(await site.admin.ask("PUT", f"{path}/status", json={"is_active": True}))
    assert made(await teacher.get("/users/me")) == before | {"role": "STUDENT"}


async def test_the_last_admin_stays_one(site: Site) -> None:
    rows: Any = made(await site.admin.get("/users/?role=PLATFORM_ADMIN"))
    others = [row["id"] for row in rows if row["id"] != site.admin.id]
    assert others
    for user_id in others:
        made(await site.admin.ask("PUT", f"/users/{user_id}/role", json={"role": "STUDENT"}))
    for part, body in (("role", {"role": "STUDENT"}), ("status", {"is_active": False})):
        answer = await site.admin.ask("PUT", f"/users/{site.admin.id}/{part}", json=body)
        assert (answer.status_code, answer.headers["x-error-code"]) == (400, "last_admin")
    absent = await site.admin.ask("PUT", "/users/424242/role", json={"role": "STUDENT"})
    assert (absent.status_code, absent.json()) == (404, {"detail": "User not found"})
