"""A version of a prompt that comes from elsewhere."""

from msgspec import Struct

from twosigma.domain.errors import Fault, Loc
from twosigma.domain.prompts import NewPromptVersion


class Incoming(Struct, frozen=True, kw_only=True):
    """A version as it comes, checked by itself. `source`: what the person who brings it calls it,
    the only one of that name; `loc`: where what it says begins; `new` has its number there."""

    source: str
    loc: Loc
    new: NewPromptVersion

    def fault(self, msg: str) -> Fault:
        return Fault(self.loc, msg, "value_error")
