"""What may be shown of the tree of cached replies to those who run a course."""

import json
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from twosigma.domain.cache_tree import ROOT, Node
from twosigma.domain.questions import Question
from twosigma.domain.quiz_grading import find_question, fit

MIN_LEARNERS = 5
"""So many learners must have said a thing before it is shown: fewer could be recognized by it."""
_CHOSEN = frozenset({"single", "multiple", "true_false"})


class TreeUse(Struct, frozen=True, kw_only=True):
    """A tree in numbers: its nodes, how deep the deepest lies (None without nodes), how often one
    was replayed, how many turns made one, and when one was last made or replayed."""

    node_count: int = 0
    max_depth: int | None = None
    hits: int = 0
    misses: int = 0
    last_used_at: datetime | None = None


def shown_message(node: Node, questions: Sequence[Question], learners: int) -> str | None:
    """The message that leads to a node, as it may be shown; None where it may not.

    The greeting and answers made of listed choices say nothing of who gave them; anything else
    is shown once `learners` (distinct accounts, staff apart) are enough.
    """
    if node.parent_id == ROOT or learners >= MIN_LEARNERS:
        return node.message
    said = json.loads(node.message)
    question = find_question(questions, said["questionId"])
    is_chosen = (
        question is not None
        and question.type in _CHOSEN
        and fit(question, said["answer"]) is not None
    )
    return node.message if is_chosen else None
