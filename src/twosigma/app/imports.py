"""Bring a course in from a foreign format, again and again, without losing what was edited here."""

from collections.abc import Callable

from msgspec import Struct, structs

from twosigma.app.import_rows import (
    Counts,
    changes_of,
    counts_of,
    course_digest_of,
    external_of,
    item_digest_of,
    module_digest_of,
    row_of,
)
from twosigma.domain.catalog import Course, CourseFields, Level, OfferingFields, Provenance
from twosigma.domain.content import Item, ItemFields, canonical_data
from twosigma.domain.errors import Conflict, Missing
from twosigma.domain.imports import (
    ExistingRow,
    ImportedCourse,
    ImportedItem,
    ImportedModule,
    Skipped,
    plan,
)
from twosigma.domain.modules import Module, ModuleFields, ModuleType
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store, Write

__all__ = ["Counts", "ImportReport", "Imports", "Progress"]

Progress = Callable[[int, int], None]


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import did. `kept` rows were edited here and left as they are."""

    course_id: int
    is_new: bool
    course: Counts
    modules: Counts
    items: Counts
    skipped: tuple[Skipped, ...]


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


class Imports:
    """For the operator's command line, which is trusted."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(
        self,
        source: ImportedCourse,
        university: str,
        *,
        publish: bool = True,
        on_progress: Progress = _silent,
    ) -> ImportReport:
        """Make the course what its source says, in one transaction: all of it or nothing.

        A new course is made in the named university (made too, if there is none), published
        if so wished, with one open offering. Rows edited here are kept and reported, rows gone
        from the source are archived. Raises Conflict where another course has the code.
        """
        async with self._store.write() as tx:
            work = _Import(tx, source, self._clock, on_progress)
            return await work.run(university, publish=publish)


class _Import:
    """One import within its transaction."""

    def __init__(
        self, tx: Write, source: ImportedCourse, clock: Clock, on_progress: Progress
    ) -> None:
        self._tx = tx
        self._source = source
        self._now = clock.now()
        self._on_progress = on_progress
        self._done = 0
        self._modules: dict[str, Module] = {}

    async def run(self, university: str, *, publish: bool) -> ImportReport:
        existing = await self._tx.catalog.imported_course(
            self._source.source, self._source.external_id
        )
        if existing is None:
            course = await self._add_course(university, publish=publish)
            counts = Counts(added=1)
        else:
            course, counts = await self._update_course(existing)
        modules = await self._import_modules(course)
        items = await self._import_items(course)
        await self._tx.epochs.raise_course(course.id)
        return ImportReport(
            course_id=course.id,
            is_new=existing is None,
            course=counts,
            modules=modules,
            items=items,
            skipped=self._source.skipped,
        )

    async def _add_course(self, university_name: str, *, publish: bool) -> Course:
        catalog, source = self._tx.catalog, self._source
        university = await self._tx.places.named_university(university_name, self._now)
        fields = CourseFields(
            title=source.title,
            code=source.code,
            university_id=university.id,
            description=source.description,
            level=Level(source.level),
            locales=source.locales,
            license=source.license,
            attribution=source.attribution,
            is_published=publish,
        )
        course = await catalog.add_course(
            fields, self._from(source.external_id, source.digest), self._now
        )
        if course is None:
            raise Conflict(
                f"{university.name} has another course with the code {source.code!r} already"
            )
        await catalog.add_offering(course.id, OfferingFields(term_name="Self-paced"), self._now)
        return course

    async def _update_course(self, course: Course) -> tuple[Course, Counts]:
        locked = await self._tx.catalog.lock_course(course.id)
        if locked is None or locked.provenance is None:
            raise Missing("Course not found")
        row = ExistingRow(
            id=locked.id,
            external_id=self._source.external_id,
            import_digest=locked.provenance.digest,
            current_digest=course_digest_of(locked),
            is_archived=False,
        )
        todo = plan([row], [self._source])
        if todo.update:
            source = self._source
            locked = structs.replace(
                locked,
                title=source.title,
                code=source.code,
                description=source.description,
                level=Level(source.level),
                locales=source.locales,
                license=source.license,
                attribution=source.attribution,
                provenance=self._from(source.external_id, source.digest),
                updated_at=self._now,
            )
            if not await self._tx.catalog.save_course(locked):
                raise Conflict(f"Another course has the code {source.code!r} already")
        return locked, counts_of(todo)

    async def _import_modules(self, course: Course) -> Counts:
        rows = [m for m in await self._tx.modules.of_course(course.id) if self._is_ours(m)]
        by_id = {module.id: module for module in rows}
        self._modules = {external_of(module): module for module in rows}
        todo = plan(
            [row_of(module, module_digest_of(module, by_id)) for module in rows],
            self._source.modules,
        )
        changes = {change.imported.external_id: change for change in changes_of(todo)}
        new = {module.external_id for module in todo.add}
        for imported in self._source.modules:  # parents come before their children
            if imported.external_id in new:
                fields = self._module_fields(course.id, imported)
                self._modules[imported.external_id] = await self._tx.modules.add(
                    fields, self._from(imported.external_id, imported.digest), self._now
                )
            elif imported.external_id in changes:
                before = self._modules[imported.external_id]
                fields = self._module_fields(course.id, imported)
                after = structs.replace(
                    before,
                    **structs.asdict(fields),
                    provenance=self._from(imported.external_id, imported.digest),
                    updated_at=self._now,
                )
                await self._tx.modules.save(after)
                self._modules[imported.external_id] = after
            self._step()
        for row in todo.archive:
            await self._archive_module(by_id[row.id], by_id)
        return counts_of(todo)

    async def _import_items(self, course: Course) -> Counts:
        rows = [i for i in await self._tx.content.of_course(course.id) if self._is_ours(i)]
        kinds = {kind.name: kind.id for kind in await self._tx.content.types()}
        names = {kind_id: name for name, kind_id in kinds.items()}
        places = {module.id: external for external, module in self._modules.items()}
        by_id = {item.id: item for item in rows}
        existing = [row_of(item, item_digest_of(item, names, places)) for item in rows]
        todo = plan(existing, self._source.items)
        for imported in todo.add:
            fields = self._item_fields(course.id, imported, kinds)
            await self._tx.content.add(
                fields, self._from(imported.external_id, imported.digest), self._now
            )
            self._step()
        for change in changes_of(todo):
            before = by_id[change.row.id]
            fields = self._item_fields(course.id, change.imported, kinds)
            is_new_data = canonical_data(fields.data_json) != canonical_data(before.data_json)
            # No source says which prompt an item has: that is set here, and stays.
            fields = structs.replace(fields, prompt_name=before.prompt_name)
            await self._tx.content.save(
                structs.replace(
                    before,
                    **structs.asdict(fields),
                    revision=before.revision + is_new_data,
                    provenance=self._from(change.imported.external_id, change.imported.digest),
                    updated_at=self._now,
                )
            )
            self._step()
        for row in todo.archive:
            await self._archive_item(by_id[row.id], names, places)
        self._on_progress(self._total, self._total)
        return counts_of(todo)

    async def _archive_module(self, module: Module, by_id: dict[int, Module]) -> None:
        gone = structs.replace(module, is_archived=True, updated_at=self._now)
        digest = module_digest_of(gone, by_id)
        gone = structs.replace(gone, provenance=self._from(external_of(module), digest))
        await self._tx.modules.save(gone)

    async def _archive_item(
        self, item: Item, names: dict[int, str], places: dict[int, str]
    ) -> None:
        gone = structs.replace(item, is_archived=True, updated_at=self._now)
        digest = item_digest_of(gone, names, places)
        gone = structs.replace(gone, provenance=self._from(external_of(item), digest))
        await self._tx.content.save(gone)

    def _module_fields(self, course_id: int, imported: ImportedModule) -> ModuleFields:
        parent = imported.parent_external_id
        return ModuleFields(
            course_id=course_id,
            parent_module_id=self._modules[parent].id if parent is not None else None,
            title=imported.title,
            description=imported.description,
            module_type=ModuleType(imported.module_type),
            sequence_index=imported.sequence_index,
        )

    def _item_fields(
        self, course_id: int, imported: ImportedItem, kinds: dict[str, int]
    ) -> ItemFields:
        return ItemFields(
            course_id=course_id,
            module_id=self._modules[imported.module_external_id].id,
            content_type_id=kinds[imported.content_type],
            title=imported.title,
            description=imported.description,
            data_json=imported.data,
            sequence_index=imported.sequence_index,
            estimated_duration_seconds=imported.estimated_duration_seconds,
        )

    @property
    def _total(self) -> int:
        return len(self._source.modules) + len(self._source.items)

    def _step(self) -> None:
        self._done += 1
        self._on_progress(min(self._done, self._total), self._total)

    def _is_ours(self, row: Module | Item) -> bool:
        return row.provenance is not None and row.provenance.source == self._source.source

    def _from(self, external_id: str, digest: str) -> Provenance:
        return Provenance(source=self._source.source, external_id=external_id, digest=digest)
