"""One learner's talk with the tutor in a terminal: sessions about one item after another."""

from typing import Any

from twosigma.adapters.cli.answers import answer_to, how, labels, questions_in
from twosigma.adapters.cli.chat_api import Api, Refused
from twosigma.adapters.cli.chat_places import Places, Quit, Row
from twosigma.adapters.cli.chat_screen import Screen
from twosigma.adapters.cli.maths import readable_line
from twosigma.domain.questions import AskedQuestion

_HELP = "/next the next item · /items choose another · /share a link to it · /quit"
_FORBIDDEN = 403


class Talk:
    """Sessions about one item after another."""

    def __init__(self, api: Api, screen: Screen) -> None:
        self._api = api
        self._screen = screen
        self._places = Places(api, screen)
        self._session_id = 0
        self._open: list[AskedQuestion] = []

    def run(self, item_id: int | None) -> None:
        """Until Quit is raised."""
        item = self._places.open(item_id or self._places.choose()["id"])
        while True:
            wanted = self._about(item)
            item = self._places.open(wanted["id"])

    def _about(self, item: Row) -> Row:
        """Talk about an item until another is wanted: that one."""
        self._screen.title(f"\n{item['title']}")
        self._screen.dim(_HELP)
        self._session_id = self._begin(item)
        self._open = list(questions_in(item["data_json"]))
        self._show_question(self._exchange(None) or "")
        while True:
            line = self._screen.ask("You:")
            if line is None:
                raise Quit
            if line.startswith("/"):
                other = self._obey(line, item)
                if other is not None:
                    return other
            elif line:
                self._answer(line)

    def _begin(self, item: Row) -> int:
        body = {"content_item_id": item["id"]}
        try:
            return int(self._api.post("/chat/sessions", body)["id"])
        except Refused as refused:
            if refused.status != _FORBIDDEN:
                raise
        term = self._places.enroll(item["course_id"])
        self._screen.dim(f"You have joined the course ({term}).")
        return int(self._api.post("/chat/sessions", body)["id"])

    def _obey(self, line: str, item: Row) -> Row | None:
        """What a line that begins with a slash asks for; an item, where it leads to one."""
        match line.split(maxsplit=1)[0].lower():
            case "/quit" | "/q":
                raise Quit
            case "/items":
                return self._places.choose()
            case "/next":
                following = self._places.next_after(item)
                if following is None:
                    self._screen.dim("That was the last item of the course.")
                return following
            case "/share":
                shared = self._try(f"/chat/sessions/{self._session_id}/share")
                if shared is not None:
                    self._screen.say(
                        f"Anyone can read this: {self._api.address(shared['share_url'])}"
                    )
            case _:
                self._screen.dim(_HELP)
        return None

    def _answer(self, line: str) -> None:
        question = self._open[0] if self._open else None
        answer = answer_to(question, line) if question is not None else None
        said = self._exchange(answer or line)
        if said is not None and answer is not None:
            del self._open[0]
            self._show_question(said)
        elif self._open:
            self._screen.dim(self._how())

    def _exchange(self, message: str | None) -> str | None:
        """Send a message (None: begin) and show its reply; None where there is none."""
        try:
            text = self._screen.reply(self._api.turn(self._session_id, message))
        except Refused as refused:
            self._screen.dim(str(refused))
            return None
        source = self._source()
        if source:
            self._screen.dim(f"— source: {source}")
        return text

    def _source(self) -> str:
        """Where the last reply came from, as the session keeps it."""
        try:
            messages = self._api.get(f"/chat/sessions/{self._session_id}")["messages"]
        except Refused:
            return ""
        meta = messages[-1]["meta"] if messages else {}
        return str(meta.get("source", ""))

    def _show_question(self, said: str) -> None:
        """The open question with its choices, unless the tutor has just put it, and how to
        answer it."""
        if not self._open:
            return
        question = self._open[0]
        if question.prompt.strip()[:60] not in said:
            self._screen.markdown(question.prompt)
            texts = [option.text for option in question.options]
            for label, text in zip(labels(question), texts, strict=True):
                self._screen.say(f"  {label})  {readable_line(text)}")
        self._screen.dim(self._how())

    def _how(self) -> str:
        return f"({how(self._open[0])}, or ask anything)"

    def _try(self, path: str) -> Any:
        try:
            return self._api.post(path)
        except Refused as refused:
            self._screen.dim(str(refused))
            return None
