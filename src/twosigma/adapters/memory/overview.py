"""What an account's first page is made of."""

from collections.abc import Sequence
from datetime import datetime

from twosigma.adapters.memory.tables import Transaction
from twosigma.domain.activity import ActivityEvent
from twosigma.domain.catalog import Offering, Visibility
from twosigma.domain.enrollments import LEARNING, Enrollment, EnrollmentStatus
from twosigma.domain.overview import RecentActivity
from twosigma.domain.recommendations import Candidate


class MemoryOverview:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables

    async def completed_courses(self, user_id: int) -> int:
        completed = EnrollmentStatus.COMPLETED
        return len({row.course_id for row in self._mine(user_id) if row.status is completed})

    async def recent(self, user_id: int, limit: int) -> Sequence[RecentActivity]:
        events = self._tables.events_of_user.get(user_id) or ()
        newest = sorted(
            enumerate(events), key=lambda one: (one[1].occurred_at, one[0]), reverse=True
        )
        return [self._shown(event) for _, event in newest[:limit]]

    async def candidates(self, user_id: int, now: datetime) -> Sequence[Candidate]:
        learning = {row.course_id for row in self._mine(user_id) if row.status in LEARNING}
        return [
            self._candidate(offering)
            for offering in self._tables.offerings.values()
            if offering.visibility is Visibility.PUBLIC
            and offering.course_id not in learning
            and (offering.enrollment_start or now) <= now <= (offering.enrollment_end or now)
            and self._tables.courses[offering.course_id].is_published
        ]

    def _candidate(self, offering: Offering) -> Candidate:
        of_course = [
            row
            for row in self._tables.enrollments.values()
            if row.course_id == offering.course_id and row.status in LEARNING
        ]
        return Candidate(
            offering=offering,
            subject_id=self._tables.courses[offering.course_id].primary_subject_id,
            active=sum(
                row.course_offering_id == offering.id and row.status is EnrollmentStatus.ACTIVE
                for row in of_course
            ),
            learners=len(of_course),
        )

    def _mine(self, user_id: int) -> list[Enrollment]:
        ids = self._tables.enrollments_of_user.get(user_id) or ()
        return [self._tables.enrollments[each] for each in ids]

    def _shown(self, event: ActivityEvent) -> RecentActivity:
        item = self._tables.items.get(event.content_item_id or 0)
        module = self._tables.modules.get(event.module_id or 0)
        title = item.title if item is not None else None
        module_id = item.module_id if item is not None else None
        return RecentActivity(
            type=event.kind,
            course_id=event.course_id,
            module_id=module_id if event.module_id is None else event.module_id,
            content_item_id=event.content_item_id,
            title=module.title if title is None and module is not None else title,
            occurred_at=event.occurred_at,
        )
