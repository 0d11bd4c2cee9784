"""Find a lesson: course → module → item, by number or by a piece of its name."""

from collections.abc import Callable, Sequence
from typing import Any

from twosigma.adapters.cli.chat_api import Api
from twosigma.adapters.cli.chat_screen import Screen

_MOST = 30
"""How many choices a search shows."""
BACK = ".."

Row = dict[str, Any]


class Quit(Exception):
    """The learner has had enough."""


class Places:
    """Where the learner is: the course, its modules (parents before children, in their order),
    and the module whose items were looked at last."""

    def __init__(self, api: Api, screen: Screen) -> None:
        self._api = api
        self._screen = screen
        self._modules: list[Row] = []
        self._course_id = 0

    def choose(self) -> Row:
        """An item; raises Quit at the end of the input."""
        course_id = self._choose_course()
        if course_id != self._course_id:
            self._enter(course_id)
        return self._choose_item()

    def open(self, item_id: int) -> Row:
        """The item of this id, whole; its course becomes the one we are in."""
        item: Row = self._api.get(f"/content/{item_id}")
        if item["course_id"] != self._course_id:
            self._enter(item["course_id"])
        return item

    def next_after(self, item: Row) -> Row | None:
        """The item after this one in the course; None after the last."""
        ids = [module["id"] for module in self._modules]
        here = ids.index(item["module_id"])
        rows = self._items(item["module_id"])
        at = [row["id"] for row in rows].index(item["id"])
        if at + 1 < len(rows):
            return rows[at + 1]
        later = (self._items(module_id) for module_id in ids[here + 1 :])
        return next((rows[0] for rows in later if rows), None)

    def enroll(self, course_id: int) -> str:
        """Join the course's first offering that takes us in; its term's name."""
        offerings = self._api.all(f"/courses/{course_id}/offerings")
        if not offerings:
            raise LookupError("this course has no offering to join")
        self._api.post("/enrollments/", {"course_offering_id": offerings[0]["id"]})
        return str(offerings[0]["term_name"])

    def _enter(self, course_id: int) -> None:
        self._modules = self._api.all(f"/modules/courses/{course_id}/modules")
        self._course_id = course_id

    def _choose_course(self) -> int:
        courses = self._api.all("/courses/")
        if not courses:
            raise LookupError("there is no course yet; an operator can run twosigma demo load")
        if len(courses) == 1:
            return int(courses[0]["id"])
        self._screen.title("Which course?")
        chosen = self._pick(courses, lambda text: _matching(courses, text))
        return int(chosen["id"]) if chosen is not None else self._choose_course()

    def _choose_item(self) -> Row:
        place: Row | None = self._root()
        while True:
            inside = self._children(place) + (self._items(place["id"]) if place else [])
            self._screen.title(place["title"] if place else "Which part?")
            if len(inside) == 1 and "data_json" in inside[0]:
                return inside[0]
            chosen = self._pick(inside, lambda text: _matching(self._modules, text))
            if chosen is None:
                place = self._parent(place)
            elif "data_json" in chosen:
                return chosen
            else:
                place = chosen

    def _pick(self, rows: Sequence[Row], search: Callable[[str], list[Row]]) -> Row | None:
        """The row whose number is typed; any other text searches. None: back."""
        shown = list(rows)
        while True:
            for number, row in enumerate(shown, 1):
                self._screen.say(f"{number:4}  {row['title']}{_kind(row)}")
            typed = self._screen.ask("Number, text to search, or .. >")
            if typed is None or typed == "/quit":
                raise Quit
            if typed == BACK:
                return None
            if typed.isdecimal() and 1 <= int(typed) <= len(shown):
                return shown[int(typed) - 1]
            found = search(typed) if typed and not typed.isdecimal() else []
            if len(found) == 1:
                return found[0]
            if found:
                shown = found[:_MOST]
            else:
                self._screen.dim("Nothing of that name or number; please try again.")

    def _root(self) -> Row | None:
        roots = self._children(None)
        return roots[0] if len(roots) == 1 else None

    def _children(self, place: Row | None) -> list[Row]:
        parent = place["id"] if place else None
        return [row for row in self._modules if row["parent_module_id"] == parent]

    def _parent(self, place: Row | None) -> Row | None:
        if place is None:
            return None
        above = place["parent_module_id"]
        return next((row for row in self._modules if row["id"] == above), self._root())

    def _items(self, module_id: int) -> list[Row]:
        return self._api.all(f"/content/modules/{module_id}/content")


def _matching(rows: Sequence[Row], text: str) -> list[Row]:
    wanted = text.casefold()
    return [row for row in rows if wanted in row["title"].casefold()]


def _kind(row: Row) -> str:
    kind = row.get("content_type")
    return f"  ({kind['label']})" if kind else ""
