"""Administration over HTTP: the audit log, and the audited read of a transcript."""

from tests.http.site import Site, faults, greet, made

READS = "/admin/audit-log?action=chat_session.read"


async def test_the_audit_log_tells_who_did_what(site: Site) -> None:
    path = f"/users/{site.student.id}/role"
    made(await site.admin.ask("PUT", path, json={"role": "INSTRUCTOR"}))
    answer = await site.admin.get("/admin/audit-log?limit=1")
    (entry,) = answer.json()
    assert entry == {
        "id": entry["id"], "occurred_at": "2026-01-05T12:00:00Z", "actor_id": site.admin.id,
        "action": "user.role_changed", "target_id": str(site.student.id),
        "details": {"role": {"from": "STUDENT", "to": "INSTRUCTOR"}}, "reason": None,
    }  # fmt: skip
    assert int(answer.headers["x-total-count"]) >= 1
    query = f"?action=user.role_changed&actor_id={site.admin.id}&target_id={site.student.id}"
    assert (await site.admin.get(f"/admin/audit-log{query}")).json() == [entry]
    assert (await site.admin.get("/admin/audit-log?actor_id=999")).json() == []


async def test_f13_an_unknown_action_is_422(site: Site) -> None:
    answer = await site.admin.get("/admin/audit-log?action=user.renamed&limit=0")
    assert faults(answer) == [
        (("query", "action"), "type_error.enum"),
        (("query", "limit"), "value_error.number.not_ge"),
    ]


async def test_a_transcript_is_read_with_a_reason_and_the_log_knows(site: Site) -> None:
    session_id = await site.session(site.student)
    await greet(site.student, session_id)
    path = f"/admin/chat/sessions/{session_id}"
    assert faults(await site.admin.get(path)) == [(("query", "reason"), "value_error.missing")]
    assert faults(await site.admin.get(f"{path}?reason=%20")) == [
        (("query", "reason"), "value_error.any_str.min_length")
    ]
    assert (await site.admin.get(READS)).json() == []
    view = made(await site.admin.get(f"{path}?reason=Ticket%207"))
    assert [message["role"] for message in view["messages"]] == ["user", "assistant"]
    assert (view["id"], view["user_id"]) == (session_id, site.student.id)
    assert "share_token" not in view
    (entry,) = (await site.admin.get(READS)).json()
    assert (entry["target_id"], entry["reason"]) == (str(session_id), "Ticket 7")
    assert (await site.admin.get("/admin/chat/sessions/999999?reason=x")).status_code == 404


async def test_the_cache_is_shown_to_those_who_run_the_course(site: Site) -> None:
    session_id = await site.session(site.student)
    await greet(site.student, session_id)
    await greet(site.other, await site.session_of_newcomer(site.other))
    path = f"/admin/cache/trees?content_item_id={site.ids['content_id']}"
    answer = await site.instructor.get(path)
    (tree,) = answer.json()
    assert answer.headers["x-total-count"] == "1"
    assert tree.keys() == {
        "id", "content_item_id", "content_title", "prompt_name", "prompt_version", "model",
        "locale", "is_current", "node_count", "max_depth", "hits", "misses", "last_used_at",
        "created_at",
    }  # fmt: skip
    assert (tree["hits"], tree["misses"], tree["node_count"], tree["max_depth"]) == (1, 1, 1, 0)
    assert (tree["prompt_name"], tree["prompt_version"]) == ("Tutor/Quiz", 1)
    assert tree["is_current"] is True
    detail = made(await site.instructor.get(f"/admin/cache/trees/{tree['id']}"))
    (node,) = detail.pop("nodes")
    assert detail == tree
    assert node.items() >= {
        "parent_id": None, "depth": 0, "message": "Start.", "hits": 1, "divergences": 0
    }.items()  # fmt: skip
    assert (await site.student.get(path)).status_code == 403
    assert (await site.student.get(f"/admin/cache/trees/{tree['id']}")).status_code == 404


async def test_why_a_turn_cost_a_call_is_explained(site: Site) -> None:
    session_id = await site.session(site.student)
    await greet(site.student, session_id)
    path = f"/admin/cache/explain?session_id={session_id}"
    (turn,) = (await site.instructor.get(path)).json()
    assert turn.keys() == {"turn_id", "outcome", "reason", "created_at"}
    assert (turn["outcome"], turn["reason"]) == ("miss", "first on this path")
    assert (await site.student.get(path)).status_code == 404
    assert faults(await site.admin.get("/admin/cache/explain")) == [
        (("query", "session_id"), "value_error.missing")
    ]


async def test_the_cache_is_cleaned_up_on_demand(site: Site) -> None:
    answer = await site.admin.ask("POST", "/admin/jobs/cache-cleanup")
    assert (answer.status_code, answer.json()) == (200, {"trees": 0, "nodes": 0})
    bad = await site.admin.post("/admin/jobs/cache-cleanup", {"unused_days": 0})
    assert faults(bad) == [(("body", "unused_days"), "value_error.number.not_ge")]
