"""How a use case leaves its entry in the audit log."""

from datetime import datetime

from twosigma.domain.actor import Actor
from twosigma.domain.audit import Action, NewEntry
from twosigma.domain.prompts import NewPromptVersion
from twosigma.ports.store import Write


async def record(
    tx: Write,
    actor: Actor | None,
    action: Action,
    target: int | str | None,
    now: datetime,
    **details: object,
) -> None:
    """Note an act in the transaction that does it; `actor` None is the operator."""
    await tx.audit.append(entry_of(actor, action, target, now, **details))


def entry_of(
    actor: Actor | None, action: Action, target: int | str | None, now: datetime, **details: object
) -> NewEntry:
    """An act as it is noted."""
    return NewEntry(
        occurred_at=now,
        actor_id=None if actor is None else actor.user_id,
        action=action,
        target_id=None if target is None else str(target),
        details=details,
    )


def prompt_entry(actor: Actor | None, new: NewPromptVersion, number: int) -> NewEntry:
    """A version of a prompt that was added, under this number."""
    return entry_of(
        actor, Action.PROMPT_CREATED, new.name, new.created_at, version=number,
        labels=sorted(new.labels), tags=None if new.tags is None else list(new.tags),
    )  # fmt: skip
