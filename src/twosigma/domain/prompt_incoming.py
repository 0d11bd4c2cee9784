"""A version of a prompt that comes from elsewhere."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from twosigma.domain.chat_prompts import require_distinct
from twosigma.domain.errors import Conflict, Fault, Invalid, Loc
from twosigma.domain.prompt_rules import checked_prompt
from twosigma.domain.prompts import NewPromptVersion, require_free_name


class Incoming(Struct, frozen=True, kw_only=True):
    """A version as it comes, checked by itself. `source`: what the person who brings it calls it,
    the only one of that name; `loc`: where what it says begins; `new` has its number there."""

    source: str
    loc: Loc
    new: NewPromptVersion

    def fault(self, msg: str) -> Fault:
        return Fault(self.loc, msg, "value_error")


def fit(
    new: NewPromptVersion,
    sent: Sequence[Mapping[str, object]] | None,
    at: Callable[[Loc, str], Fault],
) -> NewPromptVersion:
    """The version as it is kept here; raises Invalid with its faults, for each of which `at`
    takes the path of the field and the text. `sent`: as in `checked_prompt`."""
    try:
        new = checked_prompt(new, sent)
        require_free_name(new.name)
        require_distinct(new.messages)
    except Invalid as refused:
        raise Invalid([at(fault.loc[1:], fault.msg) for fault in refused.faults]) from refused
    except Conflict as refused:
        raise Invalid([at(("prompt" if new.messages else "name",), refused.detail)]) from refused
    return new
