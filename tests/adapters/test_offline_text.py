"""How the offline tutor cuts, shortens and searches text."""

import unicodedata
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from tests.tutoring import material, request
from twosigma.adapters.offline.chunks import chunks
from twosigma.adapters.offline.layout import condense, outline, paragraphs, parts, shorten
from twosigma.adapters.offline.llm import OfflineLlm
from twosigma.adapters.offline.passages import best
from twosigma.adapters.offline.tutor import compose
from twosigma.domain.llm import Delta, End

JOINING = "a \n\u0301\u200d\ufe0f\U0001f469\U0001f3fd\U0001f1e9\u1100\u1161\u11a8한語。क्षि\u00a0\r"


@given(st.one_of(st.text(), st.text(JOINING, max_size=200), st.text("ab語\u0301", min_size=60)))
@example("x" * 500)
@example("語" * 500)
@example(" \u0301" * 9)
def test_f92_chunks_join_to_the_text_and_cut_no_grapheme(text: str) -> None:
    pieces = list(chunks(text))
    assert "".join(pieces) == text
    assert all(pieces)
    for before, after in pairwise(pieces):
        assert not unicodedata.category(after[0]).startswith("M")
        assert after[0] not in "\u200d\ufe0f\U0001f3fd"
        assert before[-1] != "한" or after[0] not in "\u1161\u11a8"
        assert before[-1].isspace() or before[-1].isascii() or before[-1] in "語。한"
        assert (before[-1], after[0]) != ("\r", "\n")


def test_chunks_are_a_few_words_and_long_words_are_cut() -> None:
    pieces = list(chunks("one two three four five six seven eight nine ten eleven"))
    assert [len(piece.split()) for piece in pieces] == [2, 4, 3, 1, 1]
    assert max(map(len, chunks("y" * 400))) <= 160


async def test_the_model_streams_what_is_composed_and_pauses_between_pieces() -> None:
    pauses = []

    async def pause() -> None:
        pauses.append(1)

    llm = OfflineLlm(pause=pause)
    said = [piece async for piece in llm.reply(request())]
    assert said[-1] == End()
    assert "".join(piece.text for piece in said if isinstance(piece, Delta)) == compose(request())
    assert len(pauses) == len(said) - 2
    assert llm.model_id("gpt") == llm.model_id(None) == "offline/1"
    assert llm.parameters == {}


def test_fences_are_not_split_and_their_hashes_are_no_headings() -> None:
    found = paragraphs("# A #\nx\n\n```sh\n# no\n\ny\n```\n\n## B\nz")
    assert [(one.text, one.heading, one.is_heading) for one in found] == [
        ("# A #", "A", True), ("x", "A", False), ("```sh\n# no\n\ny\n```", "A", False),
        ("## B", "B", True), ("z", "B", False),
    ]  # fmt: skip


@given(st.lists(st.sampled_from(["# H", "word " * 9, "```\na\n\nb\n```", "- x\n- y"])))
def test_parts_hold_all_the_text_in_order(blocks: list[str]) -> None:
    text = "\n\n".join(block.strip() for block in blocks)
    made = parts(text, 60)
    assert "\n\n".join(made) == text
    assert not any(part.endswith("# H") for part in made[:-1])


def test_shorter_forms_keep_mathematics_whole() -> None:
    prompt = "Solve the equation \\(2x + 3 = 11 + 4 x\\) for x, and check the solution."
    assert shorten(prompt, 30) == "Solve the equation …"
    assert shorten("\\(a + b\\) is long", 3) == "\\(a + b\\) …"
    assert shorten("short\n one", 30) == "short one"
    assert condense("# H\n\nOne. Two with \\(a. b\\) in it. Three.", 24) == "One."
    assert condense("One.\n\nTwo.\n\n" + "x" * 99, 20) == "One.\n\nTwo."
    assert condense("x" * 99, 20) == "x" * 99


def test_an_outline_names_headings_and_the_titles_in_bold_under_them() -> None:
    ideas = "**One.** of it\n\n**Two**: of it\n\n**One.** again\n\n**Alone**\n\nNo **Three.** x"
    text = f"**Zero.** x\n\n# A\n\n{ideas}\n\n## B\n\ny\n\n### C\n\n**Four.** z"
    assert outline(text) == "A (One ×2; Two), B"
    many = "\n\n".join(f"**T{n}** x" for n in range(7))
    assert outline(f"# A\n\n{many}") == "A (T0; T1; T2; T3; T4; …)"
    assert outline("\n\n".join(f"# {n}" for n in range(9))) == "0, 1, 2, 3, 4, 5, 6, 7"
    assert outline("No heading.") == ""


def test_the_best_passage_takes_lead_ins_along_and_needs_most_of_the_question() -> None:
    about = material(text="For example:\n\n- 6 is even\n- 7 is odd\n\nPrimes have two divisors.")
    found = best("which is even, which is odd", about)
    assert found is not None
    assert found.text == "For example:\n\n- 6 is even\n- 7 is odd"
    assert best("the divisor of a prime", about, text_only=True) is not None
    assert best("many prime stories", material(text="A story of primes."), text_only=True)
    assert best("and what is it?", about) is None
    assert best("primes of football stadium history", about) is None
    assert (
        best("二つの素数", material(text="素数は二つの約数を持つ。\n\n偶数は二で割れる。"))
        is not None
    )


def test_a_definition_is_preferred_to_a_mention() -> None:
    mention = "They all speak of the slope, the slope, and once more of the slope!"
    text = f"{mention}\n\nOf a line in the plane the slope is its steepness."
    for query, defining, start in (("slope", False, "They all"), ("slope", True, "Of a line")):
        found = best(query, material(text=text), defining=defining)
        assert found is not None
        assert found.text.startswith(start)
