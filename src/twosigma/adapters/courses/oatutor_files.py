"""The JSON files of an OATutor course, from a folder or a packed one; never unpacked to disk.

What a stranger packed is not trusted: only plain files and folders with paths that stay inside,
a cap on their number, on each file and on all that is read. Anything else is a BrokenImport.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import msgspec

from twosigma.domain.imports import BrokenImport

MAX_ENTRIES = 200_000
MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_TOTAL_BYTES = 128 * 1024 * 1024
CHUNK = 1024 * 1024
ARCHIVES = (".tar.gz", ".tgz")

T = TypeVar("T")


class Files:
    """The JSON files of one course folder by their path in it (`/` between the parts)."""

    def __init__(self, origin: str, contents: dict[str, bytes]) -> None:
        self._origin = origin
        self._contents = contents

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __contains__(self, path: str) -> bool:
        return path in self._contents

    def named(self, path: str) -> str:
        """The file as a person finds it: where the course came from, then the path in it."""
        return f"{self._origin}/{path}"

    def decode(self, path: str, kind: type[T]) -> T:
        """The file at `path` as `kind`; BrokenImport if it is missing or anything else."""
        content = self._contents.get(path)
        if content is None:
            raise BrokenImport(self.named(path), "is missing")
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.ValidationError as error:
            what, _, place = str(error).partition(" - at ")
            raise BrokenImport(self.named(path), what, place.strip("`")) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            place, what = _malformed(content, error)
            raise BrokenImport(self.named(path), what, place) from error


def read_files(path: Path) -> Files:
    """The JSON files below the one folder that holds `coursePlans.json`.

    `path` is that folder, or a .tar.gz or .tgz with one such folder inside.
    """
    if path.is_dir():
        try:
            return Files(str(path), _folder(path))
        except OSError as error:
            what = f"cannot be read ({error.strerror})"
            raise BrokenImport(str(error.filename or path), what) from error
    if not path.is_file():
        raise BrokenImport(str(path), "no such file or folder")
    if not path.name.lower().endswith(ARCHIVES):
        raise BrokenImport(str(path), "is neither a folder nor a .tar.gz or .tgz archive")
    members = _archive(path)
    plans = [p for p in members if PurePosixPath(p).name == "coursePlans.json"]
    if len(plans) != 1:
        raise BrokenImport(str(path), f"holds {len(plans)} files coursePlans.json, not one")
    top = plans[0].removesuffix("coursePlans.json")
    inside = {p.removeprefix(top): c for p, c in members.items() if p.startswith(top)}
    return Files(f"{path}/{top}".rstrip("/"), inside)


def _folder(root: Path) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    total = 0
    for number, entry in enumerate(root.rglob("*")):
        relative = entry.relative_to(root).as_posix()
        if entry.is_symlink():
            raise BrokenImport(str(entry), "is a link; only plain files are read")
        if number >= MAX_ENTRIES:
            raise BrokenImport(str(root), f"holds more than {MAX_ENTRIES} files")
        if not relative.endswith(".json") or not entry.is_file():
            continue
        size = entry.stat().st_size
        total += size
        _check_sizes(str(entry), size, total)
        contents[relative] = entry.read_bytes()
    return contents


def _archive(path: Path) -> dict[str, bytes]:
    try:
        with (
            gzip.open(path) as unpacked,
            tarfile.open(fileobj=(capped := _Capped(unpacked, path)), mode="r|") as tar,
        ):
            members = _members(path, tar)
            while capped.read(CHUNK):  # to the end, where gzip checks its sum
                pass
            return members
    except (tarfile.TarError, OSError, EOFError, ValueError, zlib.error) as error:
        raise BrokenImport(str(path), f"is not a readable .tar.gz ({error})") from error


def _members(path: Path, tar: tarfile.TarFile) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    total = 0
    for number, member in enumerate(tar):
        name = f"{path}/{member.name}"
        pure = PurePosixPath(member.name)
        if number >= MAX_ENTRIES:
            raise BrokenImport(str(path), f"holds more than {MAX_ENTRIES} files")
        if pure.is_absolute() or ".." in pure.parts or "\\" in member.name:
            raise BrokenImport(name, "leads out of the archive")
        if not (member.isreg() or member.isdir()):
            raise BrokenImport(name, "is a link or a device; only plain files are read")
        total += member.size
        _check_sizes(name, member.size, total)
        content = tar.extractfile(member) if pure.suffix == ".json" else None
        if content is not None:
            contents[pure.as_posix()] = content.read()
    return contents


def _check_sizes(name: str, size: int, total: int) -> None:
    if size > MAX_FILE_BYTES:
        raise BrokenImport(name, f"is larger than {MAX_FILE_BYTES} bytes")
    if total > MAX_TOTAL_BYTES:
        raise BrokenImport(name, f"brings the course to more than {MAX_TOTAL_BYTES} bytes")


class _Capped(io.RawIOBase):
    """A stream that ends in BrokenImport past the cap: a small file may unpack to a huge one."""

    def __init__(self, stream: gzip.GzipFile, path: Path) -> None:
        super().__init__()
        self._stream = stream
        self._path = path
        self._left = 2 * MAX_TOTAL_BYTES  # headers and padding come on top of the contents

    def readinto(self, buffer: Any) -> int:  # any writable buffer: it has no name in 3.11
        count = self._stream.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise BrokenImport(str(self._path), "unpacks to more than may be read")
        return count


def _malformed(content: bytes, error: Exception) -> tuple[str, str]:
    """Where JSON breaks (line and column, from 1) and how."""
    said = str(error)
    offset = len(content)
    if isinstance(error, UnicodeDecodeError):
        offset, said = error.start, "not UTF-8"
    elif "(byte " in said:
        said, _, tail = said.partition(" (byte ")
        offset = int(tail.rstrip(")"))
    before = content[:offset]
    line = before.count(b"\n") + 1
    column = offset - (before.rfind(b"\n") + 1) + 1
    return f"line {line}, column {column}", f"not JSON: {said}"
