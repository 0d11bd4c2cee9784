"""The files of a folder, read and written; what they say is the domain's matter."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from twosigma.adapters.cli.program import Failed
from twosigma.domain.prompt_files import MAX_FILE_BYTES, PromptFile


def write_folder(folder: Path, files: Sequence[PromptFile]) -> None:
    """Write the files below this folder; raises Failed unless it is new or empty (but for hidden
    files), so that no version stays in it that is no more."""
    try:
        if folder.exists() and any(not each.name.startswith(".") for each in folder.iterdir()):
            raise Failed(f"{folder} is not empty")
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as out:
                out.write(file.data)
    except OSError as broken:
        raise Failed(f"cannot write {broken.filename}: {broken.strerror}") from broken


def read_folder(folder: Path) -> list[PromptFile]:
    """All .md files below this folder but for a README.md and what is hidden; raises Failed."""
    try:
        return [_read(folder, path) for path in sorted(_below(folder))]
    except OSError as broken:
        raise Failed(f"cannot read {broken.filename}: {broken.strerror}") from broken


def _below(folder: Path) -> Iterator[Path]:
    def stop(broken: OSError) -> None:
        raise broken

    for place, inner, names in os.walk(folder, onerror=stop):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in names:
            if name.endswith(".md") and name != "README.md" and not name.startswith("."):
                yield Path(place, name)


def _read(folder: Path, path: Path) -> PromptFile:
    # A link could lead out of the folder, and a pipe is never at its end.
    if path.is_symlink() or not path.is_file():
        raise Failed(f"{path} is no plain file")
    with path.open("rb") as given:
        data = given.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise Failed(f"{path} has more than {MAX_FILE_BYTES} bytes")
    # A file's name need not be text that can be printed.
    told = os.fsencode(path.relative_to(folder).as_posix()).decode(errors="backslashreplace")
    return PromptFile(path=told, data=data)
