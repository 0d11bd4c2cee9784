# long: a line a use case
"""Who may do what: every use case, for every kind of person, in an open, a closed and a draft
course."""

from collections.abc import Callable

import pytest

from tests.app.school import PEOPLE, School, build
from tests.app.use_cases import BEFORE, CALLS, READS, method_of, takes_account, use_cases
from twosigma.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    Missing,
    Unauthenticated,
)
from twosigma.testing import in_memory

STATUS = {Unauthenticated: 401, Forbidden: 403, Missing: 404, Conflict: 400, Invalid: 422}
STATES: dict[str, dict[str, object]] = {
    "open": {},
    "closed": {"is_open": False},
    "draft": {"is_published": False},
}

_SIGNED_IN = ("- ok ok ok ok ok ok",) * 3
_SHOWN = ("ok ok ok ok ok ok ok", "ok ok ok ok ok ok ok", "404 404 404 404 ok ok ok")
_BELOW = ("ok ok ok ok ok ok ok", "401 403 ok 403 ok ok ok", "404 404 404 404 ok ok ok")
_AUTHORS = ("401 403 403 ok 403 ok ok",) * 3
_EDITORS = ("401 403 403 403 403 ok ok",) * 2 + ("401 403 403 404 403 ok ok",)
_STAFF = ("401 403 403 403 ok ok ok",) * 2 + ("401 404 404 404 ok ok ok",)
_ADMINS = ("401 403 403 403 403 403 ok",) * 3
_OWN = ("- 404 ok 404 404 404 404",) * 3
_TURNS = (_OWN[0], _OWN[0], "- 404 404 404 404 404 404")
_REPORTS = ("- 403 ok 403 403 403 403",) * 2
_TEACHERS = ("- 403 403 403 ok ok ok",) * 2 + ("- 404 404 404 ok ok ok",)
_LIST = ("ok ok ok ok ok ok ok",) * 3

ANYBODY = "anybody"
OPERATOR = "operator"

MATRIX: dict[str, tuple[str, str, str] | str] = {
    # In each state (open, closed, draft), for each of PEOPLE: ok, or the status of the error;
    # "-": the call needs somebody. ANYBODY and OPERATOR (the command line): nobody is asked for.
    "auth.check_email": ANYBODY,
    "auth.register": ANYBODY,
    "auth.onboard": ANYBODY,
    "auth.create_user": OPERATOR,
    "password_resets.request": ANYBODY,
    "password_resets.confirm": ANYBODY,
    "password_resets.forget": OPERATOR,
    "profiles.mine": _SIGNED_IN,
    "profiles.get": ("- 403 ok 403 403 403 ok",) * 3,
    "profiles.update_mine": _SIGNED_IN,
    "profiles.prefer": _SIGNED_IN,
    "exports.mine": _SIGNED_IN,
    "erasure.erase": _SIGNED_IN,
    "auth.login": ANYBODY,
    "auth.refresh": ANYBODY,
    "auth.logout": ANYBODY,
    "auth.logout_all": _SIGNED_IN,
    "auth.change_password": _SIGNED_IN,
    "auth.sign_ins": _SIGNED_IN,
    "auth.end_sign_in": _OWN,
    "auth.user_id_of": ANYBODY,
    "auth.actor": ANYBODY,
    "users.me": _SIGNED_IN,
    "users.get": ("- 403 ok ok 403 ok ok",) * 3,  # the learner's
    "users.list": ("- 403 403 ok 403 ok ok",) * 3,
    "users.update_me": _SIGNED_IN,
    "users.set_role": ("- 403 403 403 403 403 ok",) * 3,
    "users.set_status": ("- 403 403 403 403 403 ok",) * 3,
    "places.universities": ANYBODY,
    "places.university": ANYBODY,
    "places.create_university": _ADMINS,
    "places.update_university": _ADMINS,
    "places.remove_university": _ADMINS,
    "places.departments": ANYBODY,
    "places.department": ANYBODY,
    "places.create_department": _ADMINS,
    "places.update_department": _ADMINS,
    "places.remove_department": _ADMINS,
    "places.subjects": ANYBODY,
    "places.subject": ANYBODY,
    "places.create_subject": _ADMINS,
    "places.update_subject": _ADMINS,
    "places.remove_subject": _ADMINS,
    "catalog.courses": _LIST,
    "catalog.course": _SHOWN,
    "catalog.create_course": _AUTHORS,
    "catalog.update_course": _EDITORS,
    "catalog.offerings": _SHOWN,
    "catalog.create_offering": _EDITORS,
    "catalog.remove_course": (_EDITORS[0],) * 3,  # another course, which is published
    "catalog.offering": _SHOWN,
    "catalog.update_offering": _EDITORS,
    "catalog.remove_offering": _EDITORS,
    "course_staff.list": _STAFF,
    "course_staff.put": _EDITORS,
    "course_staff.remove": _EDITORS,
    "modules.of_course": _BELOW,
    "modules.roots": _BELOW,
    "modules.get": _BELOW,
    "modules.children": _BELOW,
    "modules.tree": _BELOW,
    "modules.create": _EDITORS,
    "modules.update": _EDITORS,
    "modules.remove": _EDITORS,
    "modules.reorder": _EDITORS,
    "content.of_module": _BELOW,
    "content.get": _BELOW,
    "content.create": _EDITORS,
    "content.update": _EDITORS,
    "content.remove": _EDITORS,
    "content.reorder": _EDITORS,
    "content_types.list": _LIST,
    "content_types.get": _LIST,
    "content_types.create": _ADMINS,
    "content_types.update": _ADMINS,
    "content_types.remove": _ADMINS,
    "enrollments.mine": _SIGNED_IN,
    "enrollments.enroll": (
        "- ok 400 ok ok ok ok",
        "- ok 400 ok ok ok ok",
        "- 404 404 404 ok ok ok",
    ),
    "enrollments.enroll [another]": (  # a stranger, who may say its own id
        "- ok 403 403 ok ok ok",
        "- ok 403 403 ok ok ok",
        "- 404 404 404 ok ok ok",
    ),
    "enrollments.get": ("- 404 ok 404 ok ok ok",) * 3,  # the learner's
    "enrollments.roster": _STAFF,
    "invitations.enroll_class": _EDITORS,
    "invitations.list": _STAFF,
    "invitations.remove": _EDITORS,
    "enrollments.set_status": ("- 404 400 404 ok ok ok",) * 3,  # the learner has done nothing yet
    "progress.report": (*_REPORTS, "- 404 404 404 403 403 403"),
    "progress.report [module]": (*_REPORTS, "- 404 404 404 403 403 403"),
    "progress.mine": _SIGNED_IN,
    "standings.summary": (*_REPORTS, "- 404 404 404 403 403 403"),
    "standings.summary [of the learner]": (
        "- 403 ok 403 ok ok ok",
        "- 403 ok 403 ok ok ok",
        "- 404 404 404 ok ok ok",
    ),
    "standings.learners": _TEACHERS,
    "standings.course_stats": _TEACHERS,
    "overview.show": _SIGNED_IN,
    "prompts_read.list": _AUTHORS,
    "prompts_read.list_with_configs": _AUTHORS,
    "prompts_read.groups": _AUTHORS,
    "prompts_read.labels": _AUTHORS,
    "prompts_read.get": _AUTHORS,
    "prompts_read.raw": _AUTHORS,
    "prompts_read.versions": _AUTHORS,
    "prompts_read.diff": _AUTHORS,
    "prompts_read.preview": _AUTHORS,
    "prompts_trail.dependents": _AUTHORS,
    "prompts_trail.history": _AUTHORS,
    "prompts_edit.create": _AUTHORS,
    "prompts_edit.create [production]": _ADMINS,
    "prompts_edit.create [new name]": _AUTHORS,
    "prompts_edit.set_labels": _AUTHORS,
    "prompts_edit.set_labels [production]": _ADMINS,
    "prompts_edit.add_labels": _AUTHORS,
    "prompts_edit.add_labels [production]": _ADMINS,
    "prompts_edit.take_label": _AUTHORS,
    "prompts_edit.take_label [production]": _ADMINS,
    "prompts_edit.set_tags": _AUTHORS,
    "prompts_port.dump": OPERATOR,
    "prompts_port.load": OPERATOR,
    "prompts_port.export": _ADMINS,
    "prompts_port.import_": _ADMINS,
    "prompts_port.pull": OPERATOR,
    "prompts_remove.remove": _ADMINS,
    "prompts_remove.remove_version": _ADMINS,
    "prompts_remove.remove_chosen": _ADMINS,
    "chat_sessions.create": (
        "- 403 ok 403 ok ok ok",
        "- 403 ok 403 ok ok ok",
        "- 404 404 404 ok ok ok",
    ),
    "chat_sessions.list": _SIGNED_IN,
    "chat_sessions.get": _OWN,
    "chat_sessions.messages": _OWN,
    "chat_sessions.remove": _OWN,
    "chat_sessions.share": _OWN,
    "chat_sessions.revoke_share": _OWN,
    "chat_sessions.shared": ANYBODY,
    "chat_turns.send": _TURNS,
    "chat_turns.greet": _OWN,  # the learner's greeting is there: it is read again
    "chat_turns.stop": _OWN,
    "chat_turns.stream": _OWN,
    "feature_requests.submit": _SIGNED_IN,
    "feature_requests.mine": _SIGNED_IN,
    "feature_requests.all": _AUTHORS,
    "feature_requests.get": ("- 404 ok ok 404 ok ok",) * 3,
    "feature_requests.update": _AUTHORS,
    "feature_requests.remove": ("- 404 ok 403 404 403 403",) * 3,
    "audit_log.entries": ("- 403 403 403 403 403 ok",) * 3,
    "audit_log.transcript": ("- 403 403 403 403 403 ok",) * 3,
    "credentials.store": _ADMINS,
    "credentials.status": _ADMINS,
    "credentials.test": _ADMINS,
    "credentials.remove": _ADMINS,
    "credentials.rotate": OPERATOR,
    "api_keys.create": _ADMINS,
    "api_keys.list": _ADMINS,
    "api_keys.revoke": _ADMINS,
    "api_keys.issue": OPERATOR,
    "api_keys.owned": OPERATOR,
    "api_keys.withdraw": OPERATOR,
    "api_keys.actor": ANYBODY,
    "cache_admin.trees": ("- 403 403 403 ok ok ok",) * 2 + ("- 404 404 404 ok ok ok",),
    "cache_admin.trees [all]": ("- 403 403 403 403 403 ok",) * 3,
    "cache_admin.tree": ("- 404 404 404 ok ok ok",) * 3,
    "cache_admin.explain": ("- 404 404 404 ok ok ok",) * 3,
    "cache_admin.clean": ("- 403 403 403 403 403 ok",) * 3,
    "cache_admin.show": OPERATOR,
    "cache_admin.prune": OPERATOR,
    "imports.run": OPERATOR,
    "installation.install": OPERATOR,
    "installation.require_ready": ANYBODY,
    "demo.state": OPERATOR,
    "demo.seat": OPERATOR,
}


async def test_every_use_case_has_its_row() -> None:
    async with in_memory(running=False) as world:
        known = use_cases(world.core)
    assert {method_of(name) for name in MATRIX} == set(known)
    assert set(MATRIX) == set(CALLS)
    assert {method_of(name) for name in READS} <= set(known)
    asked = {name for name, signature in known.items() if takes_account(signature)}
    rows = {method_of(name) for name, row in MATRIX.items() if not isinstance(row, str)}
    assert rows == asked, "a row of people where nobody is asked for, or the other way round"


async def _outcome(school: School, name: str, who: str) -> str:
    school.restore()
    if name in BEFORE and not name.startswith("cache_admin."):
        await BEFORE[name](school)
    before = school.dump()
    try:
        await CALLS[name](school, who)
    except DomainError as refused:
        assert school.dump() == before, f"{name} for {who}: refused, and something is written"
        return str(STATUS[type(refused)])
    assert name not in READS or school.dump() == before, f"{name} is no read: it wrote"
    return "ok"


@pytest.mark.parametrize("state", STATES)
async def test_f50_f51_f53_everybody_may_just_what_the_matrix_says(
    state: str, note: Callable[[str], None]
) -> None:
    at, wrong, cases = list(STATES).index(state), [], 0
    async with in_memory() as world:
        school = await build(world, **STATES[state])
        for name, row in MATRIX.items():
            wanted = ["ok"] * len(PEOPLE) if isinstance(row, str) else row[at].split()
            for who, outcome in zip(PEOPLE, wanted, strict=True):
                if outcome == "-":
                    continue
                cases += 1
                got = await _outcome(school, name, who)
                if got != outcome:
                    wrong.append(f"{name} for {who}: {got}, not {outcome}")
    note(f"authorization matrix, {state} course: {cases} cases, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong)


async def test_who_enrolls_may_what_learners_may_and_who_leaves_no_longer() -> None:
    async with in_memory() as world:
        school = await build(world, is_open=False)
        stranger = school.people["stranger"]
        assert stranger is not None
        for change, outcome in ((stranger.enroll(school.course), "ok"), (None, "403")):
            await (change or world.drop(stranger, school.course))
            school.keep()
            for name in ("content.get", "modules.of_course", "chat_sessions.create"):
                assert await _outcome(school, name, "stranger") == outcome
