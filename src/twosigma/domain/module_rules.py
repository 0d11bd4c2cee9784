"""What a module may say about itself."""

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.domain import values
from twosigma.domain.catalog_rules import sent
from twosigma.domain.checks import Checks
from twosigma.domain.modules import ModuleFields, ModuleType
from twosigma.domain.ordering import index_fault

MAX_DESCRIPTION = 10_000


class ModuleChanges(Struct, frozen=True, kw_only=True):
    """What an update says; a field not sent stays. Another parent is a move."""

    parent_module_id: int | UnsetType | None = UNSET
    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    module_type: ModuleType | UnsetType = UNSET
    sequence_index: int | UnsetType = UNSET
    is_archived: bool | UnsetType = UNSET


def checked_module(module: ModuleFields) -> ModuleFields:
    """The module with its texts normalised; raises Invalid with all faults."""
    checks = Checks()
    checks.add(index_fault(module.sequence_index))
    checked = structs.replace(
        module,
        title=checks.take(module.title, lambda text: values.title(text, ("body", "title"))),
        description=checks.take(
            module.description,
            lambda text: values.long_text(text, ("body", "description"), MAX_DESCRIPTION),
        ),
    )
    checks.done()
    return checked


def checked_module_changes(changes: ModuleChanges) -> dict[str, object]:
    """The fields that were sent, by name; raises as `checked_module`."""
    named = sent(changes)
    checked = checked_module(structs.replace(ModuleFields(course_id=1, title="-"), **named))
    return {name: getattr(checked, name) for name in named}
