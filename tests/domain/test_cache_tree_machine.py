"""Many sessions over one tree, in any order: what holds after every step (contract §3)."""

from hypothesis import settings
from hypothesis.stateful import invariant
from msgspec import json

from tests.domain.lesson_model import MESSAGES, NAMES, Lesson
from twosigma.domain.cache_tree import ROOT, CacheState, Node
from twosigma.domain.replies import chunks_of
from twosigma.domain.steps import QuizAnswer, canonical_text, parse


class Invariants(Lesson):
    def go(self, who: int, process: str, choice: int, reason: str) -> None:
        super().go(who, process, choice, reason)
        self.holds()

    @invariant()
    def holds(self) -> None:
        self.i1_the_transcript_of_a_tracking_session_is_the_path_of_its_node()
        self.i1_every_reply_was_made_for_the_very_path_it_is_shown_on()
        self.i2_nothing_leads_back_from_divergence()
        self.i3_a_node_never_changes_and_holds_a_complete_reply()
        self.i4_what_is_looked_up_is_what_was_stored()
        self.i6_nothing_of_a_learner_reaches_another()

    def i1_the_transcript_of_a_tracking_session_is_the_path_of_its_node(self) -> None:
        for walk in self.walks:
            if walk.position.state is not CacheState.TRACKING:
                continue
            path: list[Node] = []
            node_id = walk.position.node_id or ROOT
            while node_id != ROOT:
                path.insert(0, self.nodes[node_id])
                node_id = path[0].parent_id
            assert len(path) == len(walk.transcript)
            for depth, (node, exchange) in enumerate(zip(path, walk.transcript, strict=True)):
                assert (node.message, node.text) == (exchange.canonical, exchange.reply.text)
                assert self.trees[node.tree_id].fingerprint == exchange.fingerprint
                assert (node.depth, node.tree_id) == (depth, walk.position.tree_id)

    def i1_every_reply_was_made_for_the_very_path_it_is_shown_on(self) -> None:
        for walk in self.walks:
            said: tuple[str, ...] = ()
            for exchange in walk.transcript:
                said = (*said, exchange.canonical)
                made_for = f"{exchange.fingerprint.hex()[:8]} {' / '.join(said)}\n\n"
                assert exchange.reply.text[:-1] == made_for

    def i2_nothing_leads_back_from_divergence(self) -> None:
        for walk in self.walks:
            is_diverged = walk.position.state is CacheState.DIVERGED
            assert is_diverged or not walk.has_left
            walk.has_left = is_diverged

    def i3_a_node_never_changes_and_holds_a_complete_reply(self) -> None:
        for node in self.nodes.values():
            assert json.encode(node) == self.written[node.id][0]
            assert node.text in self.whole

    def i4_what_is_looked_up_is_what_was_stored(self) -> None:
        for node in self.nodes.values():
            mark = self.trees[node.tree_id].fingerprint
            assert self._at(mark, node.parent_id, node.digest) is node
            assert chunks_of(node) == self.written[node.id][1]
            assert "".join(chunks_of(node)) == node.text
            parent = self.nodes.get(node.parent_id)
            assert node.parent_id == ROOT or (parent and parent.tree_id == node.tree_id)

    def i6_nothing_of_a_learner_reaches_another(self) -> None:
        shared = "".join(node.text + node.message for node in self.nodes.values())
        for tree in self.trees.values():
            shared += json.encode(self.contexts[tree.fingerprint]).decode()
        for walk in self.walks:
            assert walk.name not in shared
            shown = "".join(exchange.reply.text for exchange in walk.transcript)
            assert not [one for one in NAMES if one != walk.name and one in shown]


TestLesson = Invariants.TestCase
TestLesson.settings = settings(max_examples=60, stateful_step_count=20)


def test_a_quiz_answer_has_one_form_however_it_is_written() -> None:
    forms = [parse(content, has_turns=True, has_greeting=True)[1] for content in MESSAGES]
    assert all(isinstance(step, QuizAnswer) for step in forms)
    assert [canonical_text(step) for step in forms].count(canonical_text(forms[0])) == 2
