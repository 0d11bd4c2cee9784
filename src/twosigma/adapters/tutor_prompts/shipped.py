"""The files beside this one, read."""

from collections.abc import Sequence
from importlib.resources import files

from twosigma.domain.prompt_files import PromptFile

_FOLDER = files("twosigma.adapters.tutor_prompts")


def tutor_prompts() -> Sequence[PromptFile]:
    """One file a prompt, with the number of its edition; by path."""
    folders = sorted((one for one in _FOLDER.iterdir() if one.is_dir()), key=lambda one: one.name)
    return [
        PromptFile(path=f"{folder.name}/{file.name}", data=file.read_bytes())
        for folder in folders
        for file in folder.iterdir()
        if file.name.endswith(".md")
    ]
