"""Feature requests over HTTP: the reference's shapes, and who sees what of them."""

from typing import Any

import httpx
import pytest

from tests.http.site import Site, faults, made

WISH = {"title": "Dark mode support", "description": "Add a dark mode toggle."}
STAFF_ONLY = {"user_email", "user_name", "admin_notes"}
AT = "2026-01-05T12:00:00Z"


async def update(site: Site, request_id: int, **body: Any) -> httpx.Response:
    return await site.instructor.ask("PATCH", f"/feature-requests/{request_id}", json=body)


async def test_a_new_request_has_the_fields_of_the_reference(site: Site) -> None:
    answer = await site.student.post("/feature-requests/", WISH)
    assert answer.status_code == 201
    request = answer.json()
    assert request == WISH | {
        "id": request["id"],
        "user_id": site.student.id,
        "status": "pending",
        "created_at": AT,
        "updated_at": AT,
    }
    assert made(await site.student.get(f"/feature-requests/{request['id']}")) == request


async def test_own_requests_come_in_an_envelope_newest_first(site: Site) -> None:
    await site.feature_request(site.other)
    made_so = [await site.feature_request(site.student) for _ in range(21)]
    answer = await site.student.get("/feature-requests/")
    page = made(answer)
    assert page.keys() == {"data", "total"}
    assert [one["id"] for one in page["data"]] == made_so[:0:-1], "twenty unless asked otherwise"
    assert (page["total"], answer.headers["x-total-count"]) == (21, "21")
    assert not any(STAFF_ONLY & one.keys() for one in page["data"])
    rest = made(await site.student.get("/feature-requests/?skip=20&limit=100"))
    assert ([one["id"] for one in rest["data"]], rest["total"]) == ([made_so[0]], 21)
    assert made(await site.student.get("/feature-requests/?skip=99")) == {"data": [], "total": 21}


async def test_staff_see_all_requests_with_who_asked(site: Site) -> None:
    first = await site.feature_request(site.student)
    second = await site.feature_request(site.other)
    made(await update(site, first, status="planned", admin_notes="In May."))
    for caller in (site.instructor, site.admin):
        answer = await caller.get("/feature-requests/all")
        page = made(answer)
        assert (page["total"], answer.headers["x-total-count"]) == (2, "2")
        assert [
            (one["id"], one["user_email"], one["user_name"], one["admin_notes"])
            for one in page["data"]
        ] == [
            (second, site.other.learner.user.email, site.other.learner.user.full_name, None),
            (first, site.student.learner.user.email, site.student.learner.user.full_name,
             "In May."),
        ]  # fmt: skip
        planned = made(await caller.get("/feature-requests/all?status=planned"))
        assert ([one["id"] for one in planned["data"]], planned["total"]) == ([first], 1)
        assert made(await caller.get("/feature-requests/all?status=declined"))["total"] == 0
        assert made(await caller.get("/feature-requests/all?skip=1&limit=1"))["total"] == 2


async def test_f50_all_requests_are_not_for_students(site: Site) -> None:
    for query in ("", "?status=nonsense", "?limit=0"):
        answer = await site.student.get(f"/feature-requests/all{query}")
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "query", "kind"),
    [
        ("/all", "status=PENDING", "type_error.enum"), ("/all", "status=", "type_error.enum"),
        ("/all", "limit=101", "value_error.number.not_le"),
        ("/", "limit=0", "value_error.number.not_ge"),
        ("/", "skip=-1", "value_error.number.not_ge"),
        ("/", "limit=101", "value_error.number.not_le"),
    ],
)  # fmt: skip
async def test_f13_bad_values_in_a_query_of_requests_are_422(
    site: Site, path: str, query: str, kind: str
) -> None:
    answer = await site.instructor.get(f"/feature-requests{path}?{query}")
    assert faults(answer) == [(("query", query.partition("=")[0]), kind)]


async def test_staff_move_a_request_through_every_status_and_back(site: Site) -> None:
    request_id = await site.feature_request(site.student)
    for status in ("under_review", "planned", "completed", "declined", "pending"):
        moved = made(await update(site, request_id, status=status))
        assert (moved["status"], moved["admin_notes"]) == (status, None)
        assert made(await site.student.get(f"/feature-requests/{request_id}"))["status"] == status
    found = faults(await update(site, request_id, status="done", admin_notes=5))
    assert found == [
        (("body", "status"), "type_error.enum"), (("body", "admin_notes"), "type_error.str"),
    ]  # fmt: skip


async def test_f05_an_update_changes_just_what_is_sent(site: Site) -> None:
    request_id = await site.feature_request(site.student)
    noted = made(await update(site, request_id, admin_notes=" As it is.\n"))
    assert (noted["status"], noted["admin_notes"]) == ("pending", " As it is.\n")
    assert made(await update(site, request_id)) == noted
    planned = made(await update(site, request_id, status="planned"))
    assert planned == noted | {"status": "planned"}
    assert made(await update(site, request_id, admin_notes=None))["admin_notes"] is None
    found = faults(await update(site, request_id, status=None, title="Mine", user_id=1))
    assert found == [
        (("body", "status"), "type_error.none.not_allowed"),
        (("body", "title"), "value_error.extra"), (("body", "user_id"), "value_error.extra"),
    ]  # fmt: skip
    long = faults(await update(site, request_id, admin_notes="x" * 5001))
    assert long == [(("body", "admin_notes"), "value_error.any_str.max_length")]


async def test_bad_texts_of_a_request_are_told_at_once(site: Site) -> None:
    for body, kind in (
        ({"title": " ", "description": "\n"}, "value_error.any_str.min_length"),
        ({"title": "x" * 201, "description": "x" * 5001}, "value_error.any_str.max_length"),
        ({"title": 1, "description": []}, "type_error.str"),
        ({}, "value_error.missing"),
    ):
        found = faults(await site.student.post("/feature-requests/", body))
        assert found == [(("body", "title"), kind), (("body", "description"), kind)]


async def test_f51_another_students_request_is_as_if_it_were_not_there(site: Site) -> None:
    request_id = await site.feature_request(site.student)
    path = f"/feature-requests/{request_id}"
    before = made(await site.student.get(path))
    absent = await site.other.get("/feature-requests/4711")
    for method in ("GET", "DELETE"):
        answer = await site.other.ask(method, path)
        assert (answer.status_code, answer.content) == (404, absent.content)
    assert absent.json() == {"detail": "Feature request not found"}
    assert (await site.other.ask("PATCH", path, json={"status": "planned"})).status_code == 403
    assert made(await site.other.get("/feature-requests/")) == {"data": [], "total": 0}
    assert made(await site.student.get(path)) == before
    assert made(await site.instructor.get(path)).keys() >= STAFF_ONLY


async def test_f06_the_largest_ids_of_requests_are_404(site: Site) -> None:
    for number in (2**31, 2**63 - 1):
        path = f"/feature-requests/{number}"
        for caller, method in (
            (site.student, "GET"), (site.admin, "GET"), (site.student, "DELETE"),
        ):  # fmt: skip
            assert (await caller.ask(method, path)).status_code == 404
        assert (await update(site, number, status="planned")).status_code == 404


async def test_an_author_takes_a_request_back_while_it_is_pending(site: Site) -> None:
    kept, gone = [await site.feature_request(site.student) for _ in range(2)]
    made(await update(site, kept, status="declined"))
    refused = await site.student.ask("DELETE", f"/feature-requests/{kept}")
    assert refused.status_code == 400
    assert refused.json() == {"detail": "Only a pending feature request can be deleted"}
    done = await site.student.ask("DELETE", f"/feature-requests/{gone}")
    assert (done.status_code, done.content) == (204, b"")
    assert (await site.student.ask("DELETE", f"/feature-requests/{gone}")).status_code == 404
    for staff in (site.instructor, site.admin):
        assert (await staff.ask("DELETE", f"/feature-requests/{kept}")).status_code == 403
    listed = made(await site.student.get("/feature-requests/"))
    assert ([one["id"] for one in listed["data"]], listed["total"]) == ([kept], 1)


async def test_f15_odd_texts_come_back_byte_for_byte(site: Site) -> None:
    text = (
        "<script>alert(1)</script> '; DROP TABLE users; -- {{x}} \u202e\u200d\r\n a" + "\u0301" * 9
    )
    body = {"title": "T", "description": text}
    request = made(await site.student.post("/feature-requests/", body))
    assert request["description"] == text
    noted = made(await update(site, request["id"], admin_notes=text))
    assert noted["admin_notes"] == text
