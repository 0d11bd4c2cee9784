"""The files below this folder, read."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from twosigma.domain.prompt_files import PromptFile


def tutor_prompts() -> Sequence[PromptFile]:
    """One file a prompt, with the number of its edition; by path."""
    found = _below(files("twosigma.adapters.tutor_prompts"), "")
    return sorted(found, key=lambda file: file.path)


def _below(folder: Traversable, path: str) -> Iterator[PromptFile]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _below(each, f"{path}{each.name}/")
        elif each.name.endswith(".md"):
            yield PromptFile(path=f"{path}{each.name}", data=each.read_bytes())
