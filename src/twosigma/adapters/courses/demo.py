"""The course that comes with 2Sigma: OATutor's Elementary Algebra, whole, with its licence."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from pathlib import Path

from twosigma.adapters.courses import oatutor
from twosigma.domain.imports import ImportedCourse

_DATA = files("twosigma.adapters.courses") / "data"


def demo_path() -> AbstractContextManager[Path]:
    """The packed course as a file, for as long as the context lasts."""
    return as_file(_DATA / "elementary-algebra.tar.gz")


def demo_license() -> str:
    """The licence and attribution of the course (Markdown)."""
    return (_DATA / "LICENSE-elementary-algebra.md").read_text(encoding="utf-8")


def demo_course(on_progress: Callable[[int, int], None] | None = None) -> ImportedCourse:
    """The course as its importer reads it; `on_progress` hears problems read and in all."""
    with demo_path() as path:
        return oatutor.read(path, on_progress) if on_progress else oatutor.read(path)
