"""The tutor's own prompts: which of those that come with 2Sigma an installation is to be given."""

from collections.abc import Sequence

from msgspec import structs

from twosigma.domain.prompt_incoming import Incoming
from twosigma.domain.prompts import PRODUCTION, NewPromptVersion, PromptVersion

AUTHOR = "2sigma"
"""Who the versions are of that were installed."""


def editions_due(
    shipped: Sequence[Incoming], stored: Sequence[PromptVersion]
) -> list[NewPromptVersion]:
    """The versions to add to those that are stored.

    A name that is not there gets what is shipped. One that is there gets it as another version,
    once, and with `production` only while that is on a version of ours: whoever put their own
    words there keeps them. A name of which no version is ours (any more) is theirs.
    """
    return [due for one in shipped for due in _due(one.new, stored)]


def _due(new: NewPromptVersion, stored: Sequence[PromptVersion]) -> list[NewPromptVersion]:
    there = [one for one in stored if one.name == new.name]
    ours = [one for one in there if one.created_by == AUTHOR]
    if not there:
        return [new]
    if not ours or any(_says(one) == _says(new) for one in ours):
        return []
    if any(PRODUCTION in one.labels for one in ours):
        return [structs.replace(new, tags=None)]
    labels = tuple(label for label in new.labels if label != PRODUCTION)
    return [structs.replace(new, labels=labels, tags=None)]


def _says(one: NewPromptVersion | PromptVersion) -> tuple[object, ...]:
    return (one.type, one.prompt, one.messages, one.config)
