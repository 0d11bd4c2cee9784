"""One exchange, as a learner has it: from the tree, from the model, and when things go wrong."""

import asyncio

import pytest

from twosigma.app.live_turns import Ready
from twosigma.domain.cache_tree import CacheState
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing, Unavailable
from twosigma.testing import (
    Broken,
    Course,
    Cut,
    Ended,
    Pause,
    Refused,
    Talk,
    World,
    events_of,
    in_memory,
    question,
    read,
)

ADD = question(1, "2 + 2?", ["3", "4"], correct="B", explanation="Count on from 2.")
SUB = question(2, "5 - 3?", ["2", "3"], correct="A", explanation="Count back from 5.")


async def lesson(world: World, **fields: object) -> Course:
    return await world.course(questions=[ADD, SUB], **fields)  # type: ignore[arg-type]  # course fields


async def talk(world: World, course: Course) -> Talk:
    learner = await world.learner(course)
    return await learner.open(course.items[0])


async def outcomes(world: World, session_id: int) -> list[tuple[str, str | None]]:
    async with world.ports.store.read() as tx:
        events = await tx.activity.of_session(session_id)
    return [(event.outcome.value, event.reason) for event in events]


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
        await world.publish("Tutor", "Another voice for {{title}}.")
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
        await world.publish("Tutor", "Teach {{user_name}} in {{time_zone}}.")
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


async def test_f67_one_turn_at_a_time_and_the_second_is_told_at_once() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        world.llm.say(Pause(1), "An answer.")
        asking = asyncio.ensure_future(one.send("Why?"))
        await world.clock.advance(0.5)
        with pytest.raises(Conflict) as refused:
            await one.send("And how?")
        assert (refused.value.code, refused.value.retry_after) == ("session_busy", 1)
        assert str(refused.value) == "This session is still answering"
        await world.clock.advance(1)
        assert (await asking).text == "An answer."
        assert len(await one.messages()) == 4


async def test_a_second_greeting_reads_along_and_a_later_one_replays() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        world.llm.say("Hel", Pause(1), "lo")
        asking = [asyncio.ensure_future(one.greet()) for _ in range(2)]
        asking.append(asyncio.ensure_future(one.send(" Start. ")))
        await world.clock.advance(2)
        replies = await asyncio.gather(*asking)
        later = await one.greet("a key that is not kept")
        assert len({(reply.turn_id, reply.message_id) for reply in [*replies, later]}) == 1
        assert len(await one.messages()) == 2
        await one.send("Free now.")
        assert (await one.greet()).turn_id == later.turn_id
        assert len(await outcomes(world, one.session_id)) == 2


async def test_an_idempotency_key_gives_the_same_turn_again() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        world.llm.say("Sl", Pause(1), "ow")
        asking = [asyncio.ensure_future(one.send("Why?", key="k")) for _ in range(2)]
        await world.clock.advance(2)
        first, second = await asyncio.gather(*asking)
        third = await one.send("Why?", key="k")
        assert first == second == third
        with pytest.raises(Conflict):
            await one.send("Something else", key="k")
        assert len(await one.messages()) == 4


async def test_a_key_is_free_again_after_a_failed_turn() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        world.llm.say(Refused())
        with pytest.raises(Unavailable):
            await one.greet(key="k")
        assert (await one.greet(key="k")).text == "Reply 2 to you."


@pytest.mark.parametrize("length", [0, 129])
async def test_a_key_has_1_to_128_characters(length: int) -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        with pytest.raises(Invalid):
            await one.greet(key="k" * length)


async def test_f51_another_learners_session_is_as_if_it_were_not_there() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, other = await talk(world, course), await world.learner(course)
        turns = world.core.chat_turns
        for attempt in (
            turns.greet(other.id, one.session_id),
            turns.send(other.id, one.session_id, "Hello"),
            turns.stop(other.id, one.session_id),
            turns.stream(other.id, one.session_id, None, 0),
            turns.greet(one.learner.id, one.session_id + 1000),
        ):
            with pytest.raises(Missing):
                await attempt


async def test_who_may_talk_is_looked_at_in_every_turn() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        await one.greet()
        await two.greet()
        await world.drop(one.learner, course)
        with pytest.raises(Forbidden):
            await one.answer(1, "B")
        await world.change_course(course, is_published=False)
        with pytest.raises(Missing):
            await two.answer(1, "B")
        assert len(await two.messages()) == 2


async def test_a_stopped_turn_leaves_nothing_and_others_go_on() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        world.llm.say("Hel", Pause(1), "lo")
        asking = [asyncio.ensure_future(each.greet()) for each in (one, two)]
        await world.clock.advance(0.5)
        await world.core.chat_turns.stop(one.learner.id, one.session_id)
        await world.clock.advance(1)
        stopped, whole = await asyncio.gather(*asking)
        assert (stopped.message_id, stopped.detail) == (None, "The answer was stopped.")
        assert (whole.text, whole.source) == ("Hello", "cache")
        assert await one.messages() == []
        assert (await one.session()).position.state is CacheState.TRACKING
        assert (await one.greet()).text == "Hello"
        with pytest.raises(Missing):
            await world.core.chat_turns.stop(one.learner.id, one.session_id)


async def test_a_call_that_nobody_waits_for_is_cancelled() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say("Hel", Pause(10), "lo")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(1)
        await world.core.chat_sessions.remove(one.learner.actor, one.session_id)
        await world.clock.advance(0)
        assert world.llm.closed == 1
        with pytest.raises(Missing):
            await asking


async def test_a_client_that_goes_away_loses_nothing() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        world.llm.say("Hel", Pause(1), "lo")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(0)
        asking.cancel()
        await world.clock.advance(2)
        assert [message.content for message in await one.messages()] == ["Start.", "Hello"]
        assert (await (await talk(world, course)).greet()).source == "cache"


async def test_a_reconnecting_client_gets_every_event_once() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say("a", "b", Pause(1), "c")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(0.5)
        turns, who = world.core.chat_turns, one.learner.id
        rest = asyncio.ensure_future(turns.stream(who, one.session_id, None, 2))
        stream = await rest
        tail = asyncio.ensure_future(read(stream))
        await world.clock.advance(1)
        whole = await asking
        assert [event["content"] for event in events_of(await tail)] == ["c", ""]
        for after in range(5):
            again = await turns.stream(who, one.session_id, whole.turn_id, after)
            assert (again is None) == (after == 4)
            assert len(events_of(await read(again))) == 4 - after
        with pytest.raises(Missing):
            await turns.stream(who, one.session_id, "no such turn", 0)


async def test_a_session_without_a_turn_has_nothing_to_give() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        assert await world.core.chat_turns.stream(one.learner.id, one.session_id, None, 0) is None


async def test_comment_lines_fill_a_long_silence() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say("a", Pause(25), "b")
        stream = asyncio.ensure_future(world.core.chat_turns.greet(one.learner.id, one.session_id))
        await world.clock.advance(0)
        body = asyncio.ensure_future(read(await stream))
        await world.clock.advance(26)
        assert (await body).count(b": keep-alive\n\n") == 2


@pytest.mark.parametrize(
    "script",
    [
        ("Half a", Cut()),
        ("Half a", Refused(retryable=True)),
        ("Half a", Broken()),
        ("Half a", Pause(31), "late"),
        ("x" * 40_000, "x" * 40_000),
    ],
)
async def test_f82_a_reply_that_breaks_off_leaves_no_trace(script: tuple[str]) -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        before = await one.session()
        world.llm.say(*script)
        asking = asyncio.ensure_future(one.answer(1, "B"))
        await world.clock.advance(200)
        reply = await asking
        assert reply.message_id is None
        assert reply.detail
        after = await one.session()
        assert (after.position, after.message_count) == (before.position, 2)
        assert after.turn is not None
        assert (after.turn.status.value, after.turn.content) == (
            "failed",
            '{"questionId":1,"answer":"B"}',
        )
        assert (await one.answer(1, "B")).source == "llm"


async def test_f86_a_drip_is_cut_when_the_whole_turn_has_had_its_time() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say(*("drip ", Pause(20)) * 30)
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(121)
        reply = await asking
        assert (reply.message_id, len(reply.chunks)) == (None, 6)
        assert world.llm.closed == 1
        assert await one.messages() == []


async def test_f89_a_hit_whose_client_goes_is_stored_whole() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        await (await talk(world, course)).greet()
        one = await talk(world, course)
        asking = asyncio.ensure_future(one.greet())
        await asyncio.sleep(0)
        asking.cancel()
        await world.clock.advance(1)
        kept = [message.content for message in await one.messages()]
        assert kept in ([], ["Start.", "Reply 1 to you."])
        assert (await one.greet()).text == "Reply 1 to you."


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ((Refused(),), 1),
        ((), 1),
        (("  \n",), 1),
        ((Cut(),), 1),
        ((Pause(31), "late"), 1),
        ((Broken(),), 1),
    ],
)
async def test_f80_a_failure_before_the_first_piece_is_an_ordinary_error(
    script: tuple[str], calls: int
) -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say(*script)
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(60)
        if script == ("  \n",):  # a piece had been shown: the stream tells of the failure
            assert (await asking).message_id is None
        else:
            with pytest.raises(Unavailable) as refused:
                await asking
            assert refused.value.retry_after
        assert len(world.llm.requests) == calls
        assert (await one.greet()).source == "llm"


async def test_f80_a_service_that_is_away_is_tried_three_times() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        for _ in range(3):
            world.llm.say(Refused(retryable=True))
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(25)
        with pytest.raises(Unavailable):
            await asking
        assert len(world.llm.requests) == 3
        world.llm.say(Refused(retryable=True))
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(5)
        assert (await asking).text == "Reply 5 to you."


async def test_one_of_those_who_wait_leads_a_second_call_and_there_is_no_third() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        talks = [await talk(world, course) for _ in range(3)]
        world.llm.say(Pause(1), Refused())
        asking = [asyncio.ensure_future(each.greet()) for each in talks]
        await world.clock.advance(3)
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert isinstance(results[0], Unavailable)
        assert [getattr(result, "source", None) for result in results[1:]] == ["llm", "cache"]
        assert len(world.llm.requests) == 2

        other = await world.course(questions=[ADD])
        talks = [await talk(world, other) for _ in range(4)]
        for _ in range(2):
            world.llm.say(Pause(1), Refused())
        asking = [asyncio.ensure_future(each.greet()) for each in talks]
        await world.clock.advance(5)
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(result) for result in results] == [Unavailable] * 4
        assert len(world.llm.requests) == 4


@pytest.mark.parametrize("reason", ["max_tokens", "content_filtered"])
async def test_f84_a_reply_that_ended_otherwise_is_kept_and_never_cached(reason: str) -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        world.llm.say("As far as ", "I got", Ended(reason))
        reply = await one.greet()
        message = (await one.messages())[1]
        assert (reply.text, message.meta) == (
            "As far as I got",
            {"source": "llm", "stop_reason": reason},
        )
        assert (await one.session()).position.state is CacheState.DIVERGED
        assert (await (await talk(world, course)).greet()).text == "Reply 2 to you."
        assert await outcomes(world, one.session_id) == [("miss", "reply not complete")]


async def test_f91_after_a_failed_turn_the_roles_still_alternate() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        await one.greet()
        world.llm.say(Refused())
        with pytest.raises(Unavailable):
            await one.send("Why?")
        await one.send("Why?")
        request = world.llm.requests[-1]
        assert [said.role for said in request.history] == ["user", "assistant"]


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


async def test_the_process_stopping_gives_running_turns_their_time() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        world.llm.say("In ", Pause(5), "time")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(1)
        stopping = asyncio.ensure_future(world.core.stop_taking_turns())
        await world.clock.advance(0)
        with pytest.raises(Unavailable):
            await two.greet()
        await world.clock.advance(5)
        assert (await asking).text == "In time"
        await stopping


async def test_a_turn_that_outlasts_the_stop_fails_and_says_so() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say("Too ", Pause(25), "late")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(1)
        stopping = asyncio.ensure_future(world.core.stop_taking_turns())
        await world.clock.advance(21)
        await stopping
        assert (await asking).message_id is None
        session = await one.session()
        assert session.turn is not None
        assert session.turn.status.value == "failed"


async def test_a_hit_is_ready_bytes() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        await (await talk(world, course)).greet()
        one = await talk(world, course)
        stream = await world.core.chat_turns.greet(one.learner.id, one.session_id)
        assert isinstance(stream, Ready)
