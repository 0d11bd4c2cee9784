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
