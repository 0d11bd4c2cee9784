"""Modules: the tree of a course's content."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.courses import CoursePath
from twosigma.adapters.http.etags import matching
from twosigma.adapters.http.kinds import ContentTypeOut, content_kind_out
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Index, Listed, long, name, order
from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor
from twosigma.domain.catalog_rules import sent
from twosigma.domain.content import ItemSummary
from twosigma.domain.module_rules import ModuleChanges
from twosigma.domain.modules import Module, ModuleFields, ModuleType
from twosigma.domain.outline import Outline

modules = Group("Modules", "Hierarchical course content structure")

Title = Annotated[str, name(200, "Week 1: Introduction")]
Description = Annotated[str, long(10_000, "Course introduction")]


class ModulePath(Struct, frozen=True, kw_only=True):
    module_id: Id


class CreateModuleBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without an index the module comes last among its siblings."""

    course_id: Id
    title: Title
    parent_module_id: Id | None = None
    description: Description = ""
    module_type: ModuleType = ModuleType.UNIT
    sequence_index: Index | UnsetType = UNSET
    is_archived: bool = False


class UpdateModuleBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes. Another `parent_module_id` moves the module with all below it;
    a module stays in its course."""

    parent_module_id: Id | UnsetType | None = UNSET
    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    module_type: ModuleType | UnsetType = UNSET
    sequence_index: Index | UnsetType = UNSET
    is_archived: bool | UnsetType = UNSET


class ReorderModulesBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All modules of one parent that are not archived, each once."""

    module_ids: Annotated[list[Id], order([3, 1, 2])]


class ModuleOut(Struct, frozen=True, kw_only=True):
    id: Id
    course_id: Id
    parent_module_id: Id | None
    title: Title
    description: Description
    module_type: ModuleType
    sequence_index: Index
    is_archived: bool
    created_at: datetime
    updated_at: datetime


class ContentSummaryOut(Struct, frozen=True, kw_only=True):
    """A content item without its data."""

    id: Id
    title: Annotated[str, name(200, "Lecture Video")]
    content_type_id: Id
    content_type: ContentTypeOut
    sequence_index: Index
    estimated_duration_seconds: Annotated[int, Meta(ge=0, examples=[1800])] | None
    is_archived: bool


class ModuleTreeOut(ModuleOut, frozen=True, kw_only=True):
    """A module with what is in it and the modules below it, each in their order."""

    content: list[ContentSummaryOut]
    children: list["ModuleTreeOut"]


def module_out(module: Module) -> ModuleOut:
    return ModuleOut(**{field: getattr(module, field) for field in ModuleOut.__struct_fields__})


def tree_out(tree: Outline, kinds: Mapping[int, ContentTypeOut]) -> ModuleTreeOut:
    return ModuleTreeOut(
        **structs.asdict(module_out(tree.module)),
        content=[summary_out(item, kinds[item.content_type_id]) for item in tree.items],
        children=[tree_out(child, kinds) for child in tree.children],
    )


def summary_out(item: ItemSummary, kind: ContentTypeOut) -> ContentSummaryOut:
    fields = structs.asdict(item)
    del fields["module_id"]
    return ContentSummaryOut(**fields, content_type=kind)


@modules.route(
    "GET", "/modules/courses/{course_id}/modules", access=Access.READABLE,
    refuses=(401, 403, 404), has_etag=True,
)  # fmt: skip
async def list_modules(core: TwoSigma, actor: Actor | None, path: CoursePath) -> Listed[ModuleOut]:
    """Get all modules of a course, each parent before its children."""
    rows = [module_out(row) for row in await core.modules.of_course(actor, path.course_id)]
    return Listed(rows, len(rows))


@modules.route(
    "GET", "/modules/courses/{course_id}/modules/root", access=Access.READABLE,
    refuses=(401, 403, 404), has_etag=True,
)  # fmt: skip
async def list_root_modules(
    core: TwoSigma, actor: Actor | None, path: CoursePath
) -> Listed[ModuleOut]:
    """Get the modules without a parent."""
    rows = [module_out(row) for row in await core.modules.roots(actor, path.course_id)]
    return Listed(rows, len(rows))


@modules.route(
    "GET", "/modules/courses/{course_id}/tree", access=Access.READABLE,
    refuses=(401, 403, 404), has_etag=True,
)  # fmt: skip
async def get_module_tree(
    core: TwoSigma, actor: Actor | None, path: CoursePath
) -> Listed[ModuleTreeOut]:
    """Get the modules of a course as trees, with what is in them."""
    found = await core.modules.tree(actor, path.course_id)
    kinds = {kind.id: content_kind_out(kind) for kind in found.kinds.values()}
    rows = [tree_out(root, kinds) for root in found.roots]
    return Listed(rows, len(rows))


@modules.route(
    "GET", "/modules/{module_id}", access=Access.READABLE, refuses=(401, 403, 404), has_etag=True
)
async def get_module(core: TwoSigma, actor: Actor | None, path: ModulePath) -> ModuleOut:
    """Get one module."""
    return module_out(await core.modules.get(actor, path.module_id))


@modules.route(
    "GET", "/modules/{module_id}/children", access=Access.READABLE,
    refuses=(401, 403, 404), has_etag=True,
)  # fmt: skip
async def list_child_modules(
    core: TwoSigma, actor: Actor | None, path: ModulePath
) -> Listed[ModuleOut]:
    """Get the direct children of a module."""
    rows = [module_out(row) for row in await core.modules.children(actor, path.module_id)]
    return Listed(rows, len(rows))


@modules.route("POST", "/modules/", access=Access.INSTRUCTOR, status=201, refuses=(400, 403, 404))
async def create_module(core: TwoSigma, actor: Actor, body: CreateModuleBody) -> ModuleOut:
    """Create a module."""
    fields = ModuleFields(
        course_id=body.course_id,
        parent_module_id=body.parent_module_id,
        title=body.title,
        description=body.description,
        module_type=body.module_type,
        is_archived=body.is_archived,
    )
    index = None if body.sequence_index is UNSET else body.sequence_index
    return module_out(await core.modules.create(actor, fields, index))


@modules.route("PUT", "/modules/{module_id}", access=Access.INSTRUCTOR, refuses=(400, 403, 404))
async def update_module(
    core: TwoSigma, actor: Actor, path: ModulePath, body: UpdateModuleBody, if_match: str | None
) -> ModuleOut:
    """Change or move a module: what is not sent stays."""
    changes = ModuleChanges(**sent(body))  # type: ignore[arg-type]  # the same fields
    is_same = matching(if_match, module_out)
    return module_out(await core.modules.update(actor, path.module_id, changes, is_same))


@modules.route(
    "DELETE", "/modules/{module_id}", access=Access.INSTRUCTOR, status=204,
    refuses=(400, 403, 404),
)  # fmt: skip
async def delete_module(core: TwoSigma, actor: Actor, path: ModulePath) -> None:
    """Delete a module with all that is in it and below it.

    Refused where learners have worked there: archive it instead.
    """
    await core.modules.remove(actor, path.module_id)


@modules.route("POST", "/modules/reorder", access=Access.INSTRUCTOR, refuses=(400, 403, 404))
async def reorder_modules(
    core: TwoSigma, actor: Actor, body: ReorderModulesBody
) -> Listed[ModuleOut]:
    """Put the modules of one parent into a new order."""
    rows = [module_out(row) for row in await core.modules.reorder(actor, body.module_ids)]
    return Listed(rows, len(rows))
