"""Onboarding and profiles over HTTP, as the reference shows them."""

from typing import Any

import pytest

from tests.http.conftest import Installation
from tests.http.site import API, Site, faults, made

FORM: dict[str, Any] = {
    "email": "user@example.com",
    "password": "SecurePass123",
    "full_name": "John Doe",
    "profile": {
        "date_of_birth": "2000-01-01",
        "learning_goal": "CAREER_ADVANCEMENT",
        "study_level": "UNDERGRADUATE",
        "grade": "SOPHOMORE",
    },
    "subject_preferences": [1, 2, 3],
}
PATH = f"{API}/auth/register-with-onboarding"
NOTHING = {"date_of_birth": None, "learning_goal": None, "study_level": None, "grade": None}
BIRTH = ("body", "profile", "date_of_birth")


async def subjects(site: Site) -> None:
    """Subjects 1, 2 and 3, as in the reference's example."""
    for name in ("Physics", "Art"):
        made(await site.admin.post("/subjects/", {"name": name}))


async def test_the_references_example_makes_an_account_with_profile(site: Site) -> None:
    await subjects(site)
    answer = await site.client.post(PATH, json=FORM)
    assert answer.status_code == 201
    tokens = answer.json()
    assert tokens.keys() == {"access_token", "refresh_token", "token_type"}
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    profile = await site.client.get(f"{API}/users/me/profile", headers=headers)
    assert made(profile) == {**FORM["profile"], "subject_preferences": [1, 2, 3]}
    me = made(await site.client.get(f"{API}/users/me", headers=headers))
    assert (me["locale"], me["time_zone"], me["role"]) == ("en", "UTC", "STUDENT")
    again = await site.client.post(PATH, json=FORM)
    assert (again.status_code, again.json()) == (400, {"detail": "Email already registered"})


@pytest.mark.parametrize(
    "more", [{}, {"profile": {}, "subject_preferences": []}, {"profile": NOTHING, "locale": "de"}]
)
async def test_what_one_does_not_say_is_null(
    installation: Installation, more: dict[str, Any]
) -> None:
    client = installation.client
    form = {key: FORM[key] for key in ("email", "password", "full_name")} | more
    tokens = made(await client.post(PATH, json=form))
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    profile = made(await client.get(f"{API}/users/me/profile", headers=headers))
    assert profile == {**NOTHING, "subject_preferences": []}


async def test_an_unknown_subject_is_404_and_no_account_is_made(site: Site) -> None:
    answer = await site.client.post(PATH, json=FORM | {"subject_preferences": [1, 4711]})
    assert (answer.status_code, answer.json()) == (404, {"detail": "Subject not found"})
    free = await site.client.post(f"{API}/auth/check-email", json={"email": FORM["email"]})
    assert free.json() == {"available": True}


@pytest.mark.parametrize(
    "born",
    ["2000-02-30", "2000-1-1", "01.01.2000", "2000-01-01T00:00:00Z", "", 20000101, True, {},
     "1899-12-31", "2099-01-01", "2013-01-06", "0000-01-01", "2000-01-01\x00"],
)  # fmt: skip
async def test_a_birthday_is_a_day_of_somebody_old_enough(site: Site, born: object) -> None:
    bad = await site.client.post(PATH, json=FORM | {"profile": {"date_of_birth": born}})
    assert faults(bad) == [(BIRTH, "value_error.date")]
    bad = await site.student.ask("PUT", "/users/me/profile", json={"date_of_birth": born})
    assert faults(bad) == [(("body", "date_of_birth"), "value_error.date")]


async def test_all_faults_of_an_onboarding_come_at_once(site: Site) -> None:
    body = {
        "email": "x", "password": "short", "locale": "??", "time_zone": "utc", "role": "ADMIN",
        "profile": {
            "date_of_birth": "2000-13-01", "learning_goal": "FUN", "study_level": 7,
            "grade": "grade_9", "shoe_size": 42,
        },
        "subject_preferences": [1, "2", 0, 2**63],
    }  # fmt: skip
    assert faults(await site.client.post(PATH, json=body)) == [
        (("body", "email"), "value_error.email"),
        (("body", "password"), "value_error.any_str.min_length"),
        (("body", "full_name"), "value_error.missing"),
        (("body", "locale"), "value_error"),
        (("body", "time_zone"), "value_error"),
        (BIRTH, "value_error.date"),
        (("body", "profile", "learning_goal"), "type_error.enum"),
        (("body", "profile", "study_level"), "type_error.enum"),
        (("body", "profile", "grade"), "type_error.enum"),
        (("body", "profile", "shoe_size"), "value_error.extra"),
        (("body", "subject_preferences", 1), "type_error.integer"),
        (("body", "subject_preferences", 2), "value_error.number.not_ge"),
        (("body", "subject_preferences", 3), "value_error.number.not_le"),
        (("body", "role"), "value_error.extra"),
    ]
    young = FORM | {
        "email": "x", "profile": {"date_of_birth": "2020-01-01"}, "subject_preferences": [1] * 51,
    }  # fmt: skip
    assert faults(await site.client.post(PATH, json=young)) == [
        (("body", "email"), "value_error.email"),
        (BIRTH, "value_error.date"),
        (("body", "subject_preferences"), "value_error.list.max_items"),
    ]


async def test_a_profile_changes_in_what_is_sent(site: Site) -> None:
    student = site.student
    assert made(await student.get("/users/me/profile")) == {**NOTHING, "subject_preferences": []}
    change = {"learning_goal": "EXAM_PREPARATION", "date_of_birth": "2001-02-03"}
    made(await student.ask("PUT", "/users/me/profile", json=change))
    after = made(await student.ask("PUT", "/users/me/profile", json={"date_of_birth": None}))
    wanted: dict[str, Any] = {**NOTHING, "subject_preferences": []}
    wanted["learning_goal"] = "EXAM_PREPARATION"
    assert after == wanted
    assert made(await student.ask("PUT", "/users/me/profile", json={})) == wanted


async def test_preferences_keep_their_order_and_collapse(site: Site) -> None:
    await subjects(site)
    path, student = "/users/me/subject-preferences", site.student
    body = {"subject_ids": [3, 1, 3, 2, 1]}
    after = made(await student.ask("PUT", path, json=body))
    assert after["subject_preferences"] == [3, 1, 2]
    assert made(await student.get("/users/me/profile")) == after
    unknown = await student.ask("PUT", path, json={"subject_ids": [1, 2**63 - 1]})
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Subject not found"})
    many = await student.ask("PUT", path, json={"subject_ids": [1] * 51})
    assert faults(many) == [(("body", "subject_ids"), "value_error.list.max_items")]
    used = await site.admin.ask("DELETE", "/subjects/3")
    assert (used.status_code, used.headers["x-error-code"]) == (400, "in_use")
    assert made(await student.get("/users/me/profile")) == after


async def test_f51_another_profile_is_for_admins_alone(site: Site) -> None:
    change = {"grade": "SENIOR"}
    made(await site.student.ask("PUT", "/users/me/profile", json=change))
    path = f"/users/{site.student.id}/profile"
    for reader in (site.student, site.admin):
        assert made(await reader.get(path))["grade"] == "SENIOR"
    for reader in (site.other, site.instructor):
        for user_id in (site.student.id, 4711):
            answer = await reader.get(f"/users/{user_id}/profile")
            assert answer.status_code == 403
    assert (await site.admin.get("/users/4711/profile")).status_code == 404
