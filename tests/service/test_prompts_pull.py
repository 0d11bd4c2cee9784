"""`twosigma prompts pull` between two installations, over a real socket, as docs/langfuse.md
shows it."""

from pathlib import Path

import pytest

from tests.cli.running import Outcome, command
from tests.service.lecture import KEY, Lecture
from tests.service.test_langfuse import block, pair_of
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Role
from twosigma.domain.api_keys import IssuedKey
from twosigma.domain.prompt_refs import Ref, tag_of

SECONDS = 120
CHAT = [
    {"role": "system", "content": tag_of(Ref(name="a/b c%2F", label="production"))},
    {"type": "placeholder", "name": "history"},
    {"role": "user", "content": "Say {{what}}.\r\n"},
]
DRAFTS = [
    PromptDraft(name="a/b c%2F", prompt="First.\n", labels=("production", "x.1"), tags=("t", "ü")),
    PromptDraft(name="a/b c%2F", prompt="Second.", config={"deep": [1, {"a": None}], "t": 0.1}),
    PromptDraft(name="a/b c%2F", prompt="Third."),
    PromptDraft(name="Ünï ✓?#", prompt=tag_of(Ref(name="a/b c%2F", version=3)), labels=("z",)),
    PromptDraft(name="Ünï ✓?#", prompt="No label, but `latest`", commit_message="Näxt"),
    PromptDraft(name="talk", prompt=CHAT, type="chat", labels=("production",)),
]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.md")}


async def fill(lecture: Lecture) -> None:
    edit = lecture.world.core.prompts_edit
    for draft in DRAFTS:
        await edit.create(lecture.admin.actor, draft)
    await lecture.world.core.prompts_remove.remove_version(lecture.admin.actor, DRAFTS[0].name, 2)


class Other:
    """A second installation, that pulls."""

    def __init__(self, folder: Path) -> None:
        self._settings = {"VAR_DIR": str(folder / "other"), "BCRYPT_COST": "4"}
        assert self("db", "upgrade").code == 0

    def __call__(self, *arguments: str) -> Outcome:
        return command(self._settings, *arguments)


def use(monkeypatch: pytest.MonkeyPatch, url: str, pair: IssuedKey) -> None:
    monkeypatch.setenv("LANGFUSE_BASE_URL", url)
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", pair.key.public_key)
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", pair.secret_key)


@pytest.mark.timeout(SECONDS)
async def test_the_pages_lines_make_the_same_prompts(
    lecture: Lecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(lecture)
    pair = await pair_of(lecture)
    other = Other(tmp_path)
    lines = [line.split()[1:] for line in block("sh").splitlines() if line.startswith("twosigma ")]
    assert lines == [["prompts", "pull", "--dry-run"], ["prompts", "pull"]]
    with lecture.serve({}) as server:
        use(monkeypatch, server.url, pair)
        tried, done = [other(*line) for line in lines]
        again = other(*lines[1], "--current")
        assert server.stop() == 0
    assert (tried.code, done.code, again.code) == (0, 0, 0), done.err

    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    source = {"VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": lecture.url, "SECRET_KEY": KEY}
    assert command(source, "prompts", "export", str(theirs)).code == 0
    assert other("prompts", "export", str(ours)).code == 0
    assert contents(ours) == contents(theirs)
    total = len(contents(ours))

    assert tried.out.splitlines()[:-1] == done.out.splitlines()[:-1]
    assert tried.out.endswith(f"Would add 5 versions; {total - 5} were here already.\n")
    assert done.out.endswith(f"Added 5 versions; {total - 5} were here already.\n")
    assert again.out.endswith(f"Added 0 versions; {total} were here already.\n")
    assert "a/b c%2F version 3: a/b c%2F version 3, new\n" in done.out
    assert done.err.splitlines() == [
        f"Reading: {percent} % of {total}" for percent in (0, 25, 50, 75, 100)
    ]
    told = f"{tried}{done}{again}{server.log.read_text()}"
    assert pair.secret_key not in told


@pytest.mark.timeout(SECONDS)
async def test_a_key_that_ended_or_has_no_right_opens_nothing(
    lecture: Lecture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core, admin = lecture.world.core, lecture.admin.actor
    ended = await pair_of(lecture)
    await core.api_keys.revoke(admin, ended.key.id)
    teacher = await lecture.world.user(Role.INSTRUCTOR)
    demoted = await core.api_keys.create(admin, "Old", teacher.id)
    await core.users.set_role(admin, teacher.id, Role.STUDENT)
    other = Other(tmp_path)
    told = []
    with lecture.serve({}) as server:
        for pair in (ended, demoted):
            use(monkeypatch, server.url, pair)
            outcome = other("prompts", "pull")
            assert outcome.code == 1
            told.append(outcome.err)
    host = server.url.removeprefix("http://")
    assert told == [
        f"twosigma: {host} does not know these keys (401): see LANGFUSE_PUBLIC_KEY and "
        "LANGFUSE_SECRET_KEY\n",
        f"twosigma: {host} does not let these keys read prompts (403)\n",
    ]
