"""Hypothesis strategies for the entities: questions, answers, messages, moments and zones,
contexts, positions in a tree, and pieces of replies."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from twosigma.domain.cache_tree import CacheState, Position
from twosigma.domain.canonical import id_text
from twosigma.domain.llm import Context, Material
from twosigma.domain.quiz import AskedQuestion, Hint, Option, Question, questions_of

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
# Letters that NFC, NFKC and casefold treat in odd ways, and marks that reorder or compose.
odd_texts = st.text(st.sampled_from("ßẞΣςσİıſK①½²ﬁ\u0345\u0301\u0323\u030cǰΐŉ가ᄀ \u3000\xa0aA1"))
ids = st.one_of(st.integers(-3, 30), st.sampled_from(["A", "b", "1", "q1", "é", "e\u0301", " x "]))
numbers = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=True, allow_infinity=True),
    st.decimals(-1000, 1000, places=3).map(float),
    st.sampled_from([0, -0.0, 1.0, 0.1, 1e14, 5e-324, 1 / 3, 999999999999999.9]),
)
number_texts = st.one_of(
    st.from_regex(r"[+-]?[0-9]{1,15}([.,][0-9]{1,15})?", fullmatch=True),
    st.sampled_from(["1", "1.0", "1,0", "-0", "1e999999", "1_0", "١٢", "1,000.5", "½", "+7", "５"]),
)
scalars = st.one_of(st.booleans(), numbers, number_texts, texts, odd_texts, ids)
answers = st.one_of(scalars, st.lists(scalars, max_size=5))
json_values = st.recursive(
    st.one_of(st.none(), scalars),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


def is_json(value: object) -> bool:
    """Whether the value can be sent as JSON: NaN and the infinities cannot."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@st.composite
def options(draw: st.DrawFn) -> list[dict[str, Any]]:
    """2–4 options with distinct ids and texts."""
    chosen = draw(st.lists(ids, min_size=2, max_size=4, unique_by=id_text))
    return [{"id": option_id, "text": f"text {n}"} for n, option_id in enumerate(chosen)]


@st.composite
def question_data(draw: st.DrawFn) -> dict[str, Any]:
    """A well-formed question as plain JSON, its key included."""
    kind = draw(
        st.sampled_from(["single", "multiple", "true_false", "numeric", "short_text", "algebraic"])
    )
    data: dict[str, Any] = {"id": draw(ids), "type": kind, "prompt": "?"}
    if kind in ("single", "multiple"):
        data["options"] = draw(options())
        listed = st.sampled_from([option["id"] for option in data["options"]])
        data["correct"] = draw(
            listed if kind == "single" else st.lists(listed, min_size=1, unique_by=id_text)
        )
    elif kind == "true_false":
        data["correct"] = draw(st.booleans())
    elif kind == "numeric":
        data["correct"] = draw(st.one_of(st.integers(-99, 99), st.sampled_from(["1,50", "-0.1"])))
        data["tolerance"] = draw(st.sampled_from([0, 0.1, "0,5", 2]))
    else:
        data["correct"] = draw(st.sampled_from(["pwd", ["Straße", "x²"], "1", "ΑΣ"]))
    return data


@st.composite
def question_lists(draw: st.DrawFn) -> tuple[Question, ...]:
    """Up to 4 questions, as read from an item."""
    listed = draw(st.lists(question_data(), min_size=1, max_size=4))
    return questions_of({"questions": listed})


@st.composite
def quiz_messages(draw: st.DrawFn, questions: tuple[Question, ...]) -> dict[str, Any]:
    """A quiz answer, often to one of these questions and often one that fits it."""
    question = draw(st.sampled_from(questions))
    known: list[Any] = [option.id for option in question.options] or [question.correct]
    fitting = st.one_of(st.sampled_from(known), st.lists(st.sampled_from(known), max_size=3))
    spelled = st.sampled_from([question.id, str(question.id), f" {question.id} "])
    return {
        "questionId": draw(st.one_of(spelled, ids)),
        "answer": draw(st.one_of(fitting, answers.filter(is_json))),
    }


# Both hemispheres change their clocks in these weeks.
instants = st.integers(0, 50 * 24 * 60).map(
    lambda minutes: datetime(2026, 2, 20, tzinfo=UTC) + timedelta(minutes=minutes)
)
zones = st.sampled_from(
    [
        "UTC",
        "America/New_York",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Europe/Berlin",
        "Australia/Lord_Howe",
    ]
)

# Pieces as a model may stream them: line ends, event syntax, halves of graphemes, odd separators.
chunks = st.one_of(
    texts.filter(bool),
    st.sampled_from(
        ["\n", "\r", "\r\n", "\n\n", "data:", 'data: {"', "\n\ndata: x", ": keep-alive", "\0"]
    ),
    st.sampled_from(
        ["e", "\u0301", "👩", "\u200d", "👧🏽", "\ufeff", "\x85", "\u2028", "\\", '"', " "]
    ),
)
chunk_lists = st.lists(chunks, min_size=1, max_size=8)
asked_questions = st.builds(
    AskedQuestion,
    id=ids,
    type=st.sampled_from(["single", "numeric", "short_text"]),
    prompt=texts,
    options=st.lists(st.builds(Option, id=ids, text=texts), max_size=2).map(tuple),
    hints=st.lists(st.builds(Hint, text=texts, title=texts), max_size=1).map(tuple),
)
materials = st.builds(
    Material,
    title=texts,
    description=texts,
    content_type=texts,
    course_title=texts,
    module_title=texts,
    module_path=st.lists(texts, max_size=2).map(tuple),
    text=texts,
    questions=st.lists(asked_questions, max_size=2).map(tuple),
)
parameters = st.dictionaries(
    st.sampled_from(["temperature", "max_tokens", "seed", "top_p"]),
    st.one_of(st.integers(0, 9), st.sampled_from([0.5, 0.25]), texts),
    max_size=3,
)
small_ids = st.integers(1, 3)
contexts = st.builds(
    Context,
    content_item_id=small_ids,
    content_revision=small_ids,
    prompt_version_id=small_ids,
    system=texts,
    material=materials,
    model=texts,
    parameters=parameters,
    locale=st.sampled_from(["en", "de"]),
)
positions = st.builds(
    Position,
    tree_id=st.none() | small_ids,
    node_id=st.none() | small_ids,
    state=st.sampled_from(CacheState),
)
