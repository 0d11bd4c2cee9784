"""Feature requests: user feedback and feature request tracking."""

import pytest

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows
from tests.http.site import faults, made

WISH = """
{
  "title": "Dark mode support",
  "description": "Add a dark mode toggle to the settings page for better readability at night."
}
"""
CREATED = """
{
  "id": 1,
  "title": "Dark mode support",
  "description": "Add a dark mode toggle to the settings page for better readability at night.",
  "status": "pending",
  "created_at": "2026-01-20T10:30:00Z",
  "updated_at": "2026-01-20T10:30:00Z"
}
"""
UPDATE = """
{
  "status": "under_review",
  "admin_notes": "Discussing with the design team."
}
"""
SUBMIT = "POST /feature-requests/"
PATCH = "PATCH /feature-requests/{feature_request_id}"
STATUSES = ["pending", "under_review", "planned", "completed", "declined"]


@pytest.fixture
async def campus(campus: Campus) -> Campus:
    await campus.on("2026-01-20T10:30:00Z")
    return campus


async def test_submit_feature_request(campus: Campus) -> None:
    shows(await ask(campus.john, SUBMIT, WISH), CREATED, 201)


async def test_list_my_feature_requests(campus: Campus) -> None:
    path = "GET /feature-requests/"
    for _ in range(21):
        made(await ask(campus.john, SUBMIT, WISH))
    page = shows(await ask(campus.john, path), '{"data": [...], "total": 21}')
    assert len(page["data"]) == 20
    assert (await ask(campus.john, f"{path}?skip=0&limit=20")).json() == page, "the defaults"
    rest = shows(await ask(campus.john, f"{path}?skip=20"), '{"data": [...], "total": 21}')
    assert [one["id"] for one in rest["data"]] == [1]
    whole = shows(await ask(campus.john, f"{path}?limit=100"), '{"data": [...], "total": 21}')
    assert len(whole["data"]) == 21
    over = await ask(campus.john, f"{path}?limit=101")
    assert faults(over) == [(("query", "limit"), "value_error.number.not_le")]
    shows(await ask(campus.jane, path), '{"data": [], "total": 0}')


async def test_list_all_feature_requests(campus: Campus) -> None:
    path = "GET /feature-requests/all"
    for learner in (campus.john, campus.jane):
        made(await ask(learner, SUBMIT, WISH))
    for caller in (campus.instructor, campus.admin):
        page = shows(
            await ask(caller, path),
            """
            {
              "data": [
                {"id": 2, "user_email": "...", "user_name": "..."},
                {"id": 1, "user_email": "user@example.com", "user_name": "John Doe"}
              ],
              "total": 2
            }
            """,
        )
        assert (await ask(caller, f"{path}?skip=0&limit=20")).json() == page, "the defaults"
        shows(await ask(caller, f"{path}?skip=1&limit=1"), '{"data": [{"id": 1}], "total": 2}')
    assert (await ask(campus.admin, f"{path}?limit=101")).status_code == 422


@pytest.mark.parametrize("status", STATUSES)
async def test_all_requests_by_status(campus: Campus, status: str) -> None:
    for _ in STATUSES:
        made(await ask(campus.john, SUBMIT, WISH))
    for number, each in enumerate(STATUSES):
        body = f'{{"status": "{each}"}}'
        shows(await ask(campus.admin, PATCH, body, feature_request_id=number + 1), body)
    found = await ask(campus.admin, f"GET /feature-requests/all?status={status}")
    shows(found, f'{{"data": [{{"status": "{status}"}}], "total": 1}}')


async def test_update_feature_request_status(campus: Campus) -> None:
    made(await ask(campus.john, SUBMIT, WISH))
    shows(await ask(campus.instructor, PATCH, UPDATE, feature_request_id=1), UPDATE)
    refuses(await ask(campus.instructor, PATCH, UPDATE, feature_request_id=999), 404)
    shows(
        await ask(campus.john, "GET /feature-requests/"), '{"data": [{"status": "under_review"}]}'
    )


async def test_both_fields_of_an_update_are_optional(campus: Campus) -> None:
    made(await ask(campus.john, SUBMIT, WISH))
    shows(
        await ask(campus.admin, PATCH, '{"admin_notes": "In May."}', feature_request_id=1),
        '{"status": "pending", "admin_notes": "In May."}',
    )
    shows(
        await ask(campus.admin, PATCH, '{"status": "planned"}', feature_request_id=1),
        '{"status": "planned", "admin_notes": "In May."}',
    )
    shows(
        await ask(campus.admin, PATCH, "{}", feature_request_id=1),
        '{"status": "planned", "admin_notes": "In May."}',
    )


async def test_no_other_status(campus: Campus) -> None:
    made(await ask(campus.john, SUBMIT, WISH))
    other = await ask(campus.admin, PATCH, '{"status": "PENDING"}', feature_request_id=1)
    assert faults(other) == [(("body", "status"), "type_error.enum")]
    listed = await ask(campus.admin, "GET /feature-requests/all?status=open")
    assert faults(listed) == [(("query", "status"), "type_error.enum")]
