"""One exchange, as a learner has it: from the tree or from the model."""

import asyncio

import pytest

from tests.app.lessons import lesson, outcomes, talk
from twosigma.app.live_turns import Ready
from twosigma.domain.cache_tree import CacheState
from twosigma.domain.errors import Conflict, Unavailable
from twosigma.testing import (
    Pause,
    events_of,
    in_memory,
    read,
)


async def test_the_second_learner_costs_nothing_and_gets_the_very_same_bytes() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        world.llm.say("Wel", "come, ", "all\n\ndata: x")
        one, two = await talk(world, course), await talk(world, course)
        turns = world.core.chat_turns
        first = await read(await turns.greet(one.learner.id, one.session_id))
        second = await read(await turns.greet(two.learner.id, two.session_id))
        assert events_of(first)[:-1] == events_of(second)[:-1]
        assert first.split(b"\n\n")[:-2] == second.split(b"\n\n")[:-2]
        assert len(world.llm.requests) == 1
        assert (await two.messages())[1].meta["source"] == "cache"
        assert await outcomes(world, one.session_id) == [("miss", "first on this path")]
        assert await outcomes(world, two.session_id) == [("hit", None)]


async def test_answers_walk_the_tree_and_each_answer_has_its_own_branch() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, two, three = [await talk(world, course) for _ in range(3)]
        for each in (one, two, three):
            await each.greet()
        right = await one.answer(1, "B")
        again = await two.send('{"answer": "B", "questionId": 1}')
        wrong = await three.answer(1, "A")
        assert (right.source, again.source, wrong.source) == ("llm", "cache", "llm")
        assert right.text == again.text != wrong.text
        assert len(world.llm.requests) == 3
        assert (await one.session()).position == (await two.session()).position
        assert (await one.messages())[2].meta == {"graded": {"question_id": 1, "correct": True}}
        assert (await two.messages())[2].meta == {"graded": {"question_id": 1, "correct": True}}
        assert (await three.messages())[2].meta == {"graded": {"question_id": 1, "correct": False}}


async def test_the_model_is_told_the_verdict_and_never_a_key_that_is_still_open() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        greeting = world.llm.requests[0]
        assert greeting.note is None
        await one.answer(1, "A")
        request = world.llm.requests[1]
        assert request.note is not None
        assert not request.note.graded.correct
        assert request.note.correct_answer == "4"
        assert request.note.explanation == "Count on from 2."
        assert request.message == '{"answer":"A","questionId":1}'
        assert [said.role for said in request.history] == ["user", "assistant"]
        assert "Count back" not in repr(request)


async def test_spelling_of_an_answer_never_matters_once_it_is_graded() -> None:
    async with in_memory() as world:
        numeric: dict[str, object] = {
            "id": "n",
            "type": "numeric",
            "prompt": "1/2?",
            "correct": "0.5",
        }
        course = await world.course(questions=[numeric])
        talks = [await talk(world, course) for _ in range(4)]
        for each in talks:
            await each.greet()
        replies = [
            await each.answer("n", answer)
            for each, answer in zip(talks, (0.5, "0,5", " 0.50 ", "+0.5"), strict=True)
        ]
        assert [reply.source for reply in replies] == ["llm", "cache", "cache", "cache"]
        assert len(world.llm.requests) == 2


async def test_free_text_diverges_for_good_and_for_that_session_only() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        await one.greet()
        await two.greet()
        tracked = (await one.session()).position.node_id
        await one.send("Why does this work?")
        await one.answer(1, "B")
        session = await one.session()
        assert session.position.state is CacheState.DIVERGED
        assert session.position.node_id == tracked
        assert (await two.answer(1, "B")).source == "llm"
        assert (await two.session()).position.state is CacheState.TRACKING
        assert await outcomes(world, one.session_id) == [
            ("miss", "first on this path"),
            ("free", "free text"),
            ("free", "already diverged"),
        ]


async def test_an_answer_before_the_greeting_is_free() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.answer(1, "B")
        assert await outcomes(world, one.session_id) == [("free", "before the greeting")]
        with pytest.raises(Conflict):
            await one.greet()
        # `Start.` in a session that began otherwise is free text.
        await one.send("Start.")
        assert (await outcomes(world, one.session_id))[1] == ("free", "already diverged")


@pytest.mark.parametrize("herd", [2, 20, 500])
async def test_f68_a_herd_on_a_cold_node_is_one_call(herd: int) -> None:
    async with in_memory() as world:
        course = await lesson(world)
        world.llm.say("Hel", Pause(1), "lo")
        talks = [await talk(world, course) for _ in range(herd)]
        asking = [asyncio.ensure_future(each.greet()) for each in talks]
        await world.clock.advance(3)
        replies = await asyncio.gather(*asking)
        assert len(world.llm.requests) == 1
        assert {reply.text for reply in replies} == {"Hello"}
        assert sorted(str(reply.source) for reply in replies) == ["cache"] * (herd - 1) + ["llm"]
        node_ids = {(await each.session()).position.node_id for each in talks}
        assert len(node_ids) == 1


async def test_a_published_prompt_starts_a_new_tree_and_old_sessions_diverge() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        await world.publish("Tutor/Quiz", "Another voice for {{title}}.")
        two, three = await talk(world, course), await talk(world, course)
        assert (await two.greet()).source == "llm"
        assert (await three.greet()).source == "cache"
        await one.answer(1, "B")
        assert (await one.session()).position.state is CacheState.DIVERGED
        assert (await outcomes(world, one.session_id))[1] == (
            "miss",
            "context changed: prompt_version",
        )


async def test_the_learners_language_has_a_tree_of_its_own() -> None:
    async with in_memory() as world:
        course = await lesson(world, locales=("en", "es"))
        english = await (await world.learner(course, locale="en-GB")).open(course.items[0])
        spanish = await (await world.learner(course, locale="es-MX")).open(course.items[0])
        other = await (await world.learner(course, locale="fi")).open(course.items[0])
        await english.greet()
        assert (await spanish.greet()).source == "llm"
        assert (await other.greet()).source == "cache"
        assert world.llm.requests[1].context.locale == "es"


async def test_a_course_without_the_cache_calls_for_each_turn() -> None:
    async with in_memory() as world:
        course = await lesson(world, cache_enabled=False)
        one, two = await talk(world, course), await talk(world, course)
        assert (await one.greet()).source == (await two.greet()).source == "llm"
        assert len(world.llm.requests) == 2
        assert (await one.session()).position.state is CacheState.DIVERGED
        assert (await outcomes(world, one.session_id))[0][0] == "off"


async def test_a_personal_variable_switches_the_cache_off_and_is_filled() -> None:
    async with in_memory() as world:
        await world.publish("Tutor/Quiz", "Teach {{user_name}} in {{time_zone}}.")
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        await one.greet()
        await two.greet()
        assert len(world.llm.requests) == 2
        assert world.llm.requests[0].context.system == f"Teach {one.learner.user.full_name} in UTC."
        assert await outcomes(world, one.session_id) == [("off", "personal variable")]


async def test_f90_a_turn_uses_the_context_it_started_with() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        world.llm.say("Be", Pause(1), "gun")
        one = await talk(world, course)
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(0.5)
        await world.change_course(course, cache_enabled=False)
        await world.clock.advance(2)
        reply = await asking
        assert reply.text == "Begun"
        await world.change_course(course, cache_enabled=True)
        assert (await (await talk(world, course)).greet()).text == "Begun"


async def test_a_long_talk_is_cut_in_the_middle_and_says_so() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        await one.greet()
        for number in range(22):
            await one.send(f"Message {number}")
        request = world.llm.requests[-1]
        assert request.cut == 2
        assert len(request.history) == 42
        assert request.history[0].content == "Start."
        assert [said.role for said in request.history] == ["user", "assistant"] * 21
        assert (await one.messages())[-1].meta["history_cut"] == 2


async def test_a_prompt_that_cannot_be_resolved_is_no_call_and_heals() -> None:
    async with in_memory() as world:
        course = await lesson(world, prompt_name="No Such Tutor")
        one = await talk(world, course)
        with pytest.raises(Unavailable):
            await one.greet()
        assert world.llm.requests == []
        await world.publish("No Such Tutor", "There I am.")
        await one.greet()
        assert world.llm.requests[0].context.system == "There I am."


async def test_a_hit_is_ready_bytes() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        await (await talk(world, course)).greet()
        one = await talk(world, course)
        stream = await world.core.chat_turns.greet(one.learner.id, one.session_id)
        assert isinstance(stream, Ready)
