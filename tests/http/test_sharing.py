"""Sessions: whose they are, how they end, and what a public link shows."""

from tests.http.site import API, Site, faults, greet, made


async def test_f51_another_accounts_session_is_as_if_it_were_not_there(site: Site) -> None:
    session_id = await site.session(site.student)
    await greet(site.student, session_id)
    before = made(await site.student.get(f"/chat/sessions/{session_id}"))
    for caller in (site.other, site.instructor, site.admin):
        for number in (session_id, 999_999):
            base = f"/chat/sessions/{number}"
            for method, path, body in (
                ("GET", base, None), ("DELETE", base, None), ("GET", f"{base}/messages", None),
                ("POST", f"{base}/messages", {"content": "Hi"}), ("POST", f"{base}/greeting", None),
                ("DELETE", f"{base}/turn", None), ("GET", f"{base}/stream", None),
                ("POST", f"{base}/share", {}), ("DELETE", f"{base}/share", None),
            ):  # fmt: skip
                answer = await caller.ask(method, path, **({} if body is None else {"json": body}))
                assert answer.status_code == 404, (method, path)
                assert answer.json() == {"detail": "Session not found"}
        assert (await caller.get("/chat/sessions")).json() == []
    assert made(await site.student.get(f"/chat/sessions/{session_id}")) == before


async def test_f51_an_outsider_opens_no_session(site: Site) -> None:
    body = {"content_item_id": site.ids["content_id"]}
    assert (await site.other.post("/chat/sessions", body)).status_code == 403
    missing = await site.student.post("/chat/sessions", {"content_item_id": 999})
    assert (missing.status_code, missing.json()) == (404, {"detail": "Content not found"})


async def test_a_deleted_session_is_gone(site: Site) -> None:
    session_id = await site.session(site.student)
    path = f"/chat/sessions/{session_id}"
    shared = made(await site.student.post(f"{path}/share", {}))
    gone = await site.student.ask("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await site.student.get(path)).status_code == 404
    assert (await site.client.get(shared["share_url"])).status_code == 404


async def test_f56_a_shared_session_shows_what_was_said_and_nobody(site: Site) -> None:
    session_id = await site.session(site.student)
    site.world.llm.say("Hello.")
    await greet(site.student, session_id)
    shared = made(await site.student.ask("POST", f"/chat/sessions/{session_id}/share"))
    token = shared["share_token"]
    assert shared == {"share_token": token, "share_url": f"/api/v1/chat/share/{token}"}
    again = made(await site.student.post(f"/chat/sessions/{session_id}/share", {}))
    assert again == shared
    await site.student.post(f"/chat/sessions/{session_id}/messages", {"content": "Later."})
    view = await site.client.get(shared["share_url"])
    assert view.json() == {
        "title": "Sums",
        "content_context": {
            "course_title": "Algebra", "module_title": "Unit", "content_title": "Sums",
            "content_type": "quiz", "locale": "en",
        },
        "messages": [
            {"role": "user", "content": "Start.", "created_at": "2026-01-05T12:00:00Z"},
            {"role": "assistant", "content": "Hello.", "created_at": "2026-01-05T12:00:00Z"},
        ],
        "shared_at": "2026-01-05T12:00:00Z",
    }  # fmt: skip
    assert view.headers["cache-control"] == "no-store"
    assert view.headers["x-robots-tag"] == "noindex"
    session = made(await site.student.get(f"/chat/sessions/{session_id}"))
    assert (session["share_enabled"], session["share_token"]) == (True, token)


async def test_f56_a_link_that_shows_nothing_is_the_same_404(site: Site) -> None:
    session_id = await site.session(site.student)
    path = f"/chat/sessions/{session_id}/share"
    shared = made(await site.student.post(path, {"expires_in_days": 1}))
    assert (await site.client.get(shared["share_url"])).status_code == 200
    revoked = await site.student.ask("DELETE", path)
    assert (revoked.status_code, revoked.content) == (204, b"")
    withdrawn = await site.client.get(shared["share_url"])
    unknown = await site.client.get(f"{API}/chat/share/never-was")
    assert withdrawn.status_code == unknown.status_code == 404
    assert withdrawn.content == unknown.content
    for days in (0, 366, -1):
        answer = await site.student.post(path, {"expires_in_days": days})
        assert [loc for loc, _ in faults(answer)] == [("body", "expires_in_days")]
