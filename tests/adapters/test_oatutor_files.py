"""A broken file of an OATutor course is named, with the place; nothing else is read."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.oatutor_tree import LESSON, PATHWAY, Tree, broken
from twosigma.adapters.courses import oatutor, oatutor_files


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "small-algebra")


def test_bad_json_says_file_line_and_column(tree: Tree) -> None:
    tree.problem("p1")
    root = tree.finish()
    file = tree.file("content-pool/p1/p1.json", '{"id": "p1",\n "title": oops}')
    assert broken(root) == (
        f"{file}, line 2, column 11: not JSON: JSON is malformed: invalid character"
    )


@pytest.mark.parametrize("content", [b"", b"[", b'{"id": "\xff"}', b"\x00", b"[" * 100_000])
def test_no_content_of_a_file_escapes_as_another_error(tree: Tree, content: bytes) -> None:
    tree.problem("p1")
    root = tree.finish()
    (root / "content-pool/p1/p1.json").write_bytes(content)
    assert broken(root).startswith(str(root / "content-pool/p1/p1.json"))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("coursePlans.json", {}, ": Expected `array`, got `object`"),
        ("coursePlans.json", [], ": lists 0 courses, not one"),
        ("skillModel.json", {"p1a": "add"}, ", $[...]: Expected `array`, got `str`"),
        (
            "content-pool/p1/p1.json",
            {"id": "p1", "title": "", "body": ""},
            ": Object missing required field `lessonId`",
        ),
        (
            "content-pool/p1/p1.json",
            {"id": "p2", "title": "", "body": "", "lessonId": LESSON},
            ", $.id: is 'p2', but its folder is 'p1'",
        ),
        (
            "content-pool/p1/steps/p1a/p1a.json",
            {"id": "p1a", "problemType": "TextBox", "stepAnswer": [4]},
            ", $.stepAnswer[0]: Expected `str`, got `int`",
        ),
        (
            "content-pool/p1/steps/p1a/tutoring/p1aDefaultPathway.json",
            [{"id": "h"}],
            ", $[0]: Object missing required field `text`",
        ),
    ],
)
def test_a_wrong_shape_says_file_place_and_what(
    tree: Tree, path: str, value: Any, said: str
) -> None:
    tree.problem("p1")
    tree.step("p1a", "1")
    root = tree.finish()
    tree.file(path, value)
    assert broken(root) == f"{root / path}{said}"


@pytest.mark.parametrize(
    "path",
    [
        "coursePlans.json",
        "skillModel.json",
        "content-pool/p1/p1.json",
        "content-pool/p1/steps/p1a/p1a.json",
    ],
)
def test_a_missing_file_is_named(tree: Tree, path: str) -> None:
    tree.problem("p1")
    tree.step("p1a", "1")
    root = tree.finish()
    (root / path).unlink()
    assert broken(root) == f"{root / path}: is missing"


def test_a_plan_without_lessons_or_with_one_twice_is_refused(tree: Tree) -> None:
    tree.plan["lessons"] = []
    assert broken(tree.finish()).endswith("coursePlans.json, $[0].lessons: lists no lesson")
    tree.plan["lessons"] = [tree.lesson, tree.lesson]
    assert broken(tree.finish()).endswith("$[0].lessons[1].id: 'L-1' is there twice")


def test_a_path_to_nothing_or_to_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    assert broken(tmp_path / "none") == f"{tmp_path / 'none'}: no such file or folder"
    other = tmp_path / "course.zip"
    other.write_bytes(b"PK")
    assert "neither a folder nor" in broken(other)


def test_a_link_in_a_folder_is_refused(tree: Tree, tmp_path: Path) -> None:
    root = tree.finish()
    (tmp_path / "secret.json").write_text("{}")
    (root / "linked.json").symlink_to(tmp_path / "secret.json")
    assert broken(root) == f"{root / 'linked.json'}: is a link; only plain files are read"


def test_progress_counts_every_problem(tree: Tree) -> None:
    for number in range(3):
        tree.problem(f"p{number}")
    seen: list[tuple[int, int]] = []
    oatutor.read(tree.finish(), lambda done, total: seen.append((done, total)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


Add = Callable[[tarfile.TarFile], None]


def packed(tree: Tree, *adds: Add, name: str = "course.tar.gz", top: str = "small") -> Path:
    path = tree.root.parent / name
    root = tree.finish()
    with tarfile.open(path, "w:gz") as tar:
        tar.add(root, arcname=top)
        for add in adds:
            add(tar)
    return path


def member(name: str, content: bytes = b"{}", kind: bytes = tarfile.REGTYPE) -> Add:
    def add(tar: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.type = kind
        info.linkname = "/etc/passwd"
        info.size = len(content) if kind == tarfile.REGTYPE else 0
        tar.addfile(info, io.BytesIO(content))

    return add


@pytest.mark.parametrize(
    ("name", "top"), [("course.tar.gz", "small"), ("course.tgz", "./deep/small"), ("c.tgz", ".")]
)
def test_an_archive_reads_as_its_folder_does(tree: Tree, name: str, top: str) -> None:
    tree.problem("p1")
    tree.step("p1a", "1", PATHWAY)
    assert oatutor.read(packed(tree, name=name, top=top)) == tree.read()


@pytest.mark.parametrize(
    ("add", "said"),
    [
        (member("../out.json"), "leads out of the archive"),
        (member("/etc/out.json"), "leads out of the archive"),
        (member("small/..\\out.json"), "leads out of the archive"),
        (member("small/link.json", kind=tarfile.SYMTYPE), "is a link or a device"),
        (member("small/hard.json", kind=tarfile.LNKTYPE), "is a link or a device"),
        (member("small/pipe.json", kind=tarfile.FIFOTYPE), "is a link or a device"),
        (member("other/coursePlans.json"), "holds 2 files coursePlans.json, not one"),
    ],
)
def test_an_archive_that_is_not_just_a_course_is_refused(tree: Tree, add: Add, said: str) -> None:
    assert said in broken(packed(tree, add))


def test_an_archive_without_a_plan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        member("readme.json")(tar)
    assert broken(path) == f"{path}: holds 0 files coursePlans.json, not one"


def test_sizes_are_capped(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    big = packed(tree, member("small/big.json", b" " * 20_000))
    monkeypatch.setattr(oatutor_files, "MAX_FILE_BYTES", 15_000)
    assert broken(big).endswith("small/big.json: is larger than 15000 bytes")
    tree.file("big.json", " " * 20_000)
    assert broken(tree.root).endswith("big.json: is larger than 15000 bytes")
    monkeypatch.setattr(oatutor_files, "MAX_FILE_BYTES", 30_000)
    monkeypatch.setattr(oatutor_files, "MAX_TOTAL_BYTES", 20_100)
    assert "brings the course to more than 20100 bytes" in broken(big)
    assert "brings the course to more than 20100 bytes" in broken(tree.root)
    monkeypatch.setattr(oatutor_files, "MAX_TOTAL_BYTES", 100)
    assert broken(big).endswith("unpacks to more than may be read")
    monkeypatch.undo()
    monkeypatch.setattr(oatutor_files, "MAX_ENTRIES", 2)
    assert broken(big).endswith("holds more than 2 files")
    assert broken(tree.root).endswith("holds more than 2 files")


def test_a_damaged_archive_is_refused(tree: Tree) -> None:
    path = packed(tree)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-6] ^= 0xFF  # in the checksum
    for content in (b"", b"no archive", whole[: len(whole) // 2], whole[:-4], bytes(flipped)):
        path.write_bytes(content)
        assert broken(path).startswith(f"{path}: ")
