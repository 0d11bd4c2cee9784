# long: a list
"""One broken rule each: what is broken, where, and which tests are to notice.

`python -m tests.mutation` breaks each in a copy and prints which test caught it; the table in
`docs/testing.md` is what it printed.
"""

from msgspec import Struct


class Mutant(Struct, frozen=True):
    """`old` stands in `file` (below src/twosigma) and is replaced once; `tests` run then."""

    rule: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


TREE = ("tests/domain/test_cache_tree.py", "tests/domain/test_cache_tree_machine.py")
RACES = ("tests/app/test_turn_races.py",)
TURNS = ("tests/app/test_chat_turns.py", "tests/app/test_turn_failures.py")
STEPS = ("tests/domain/test_steps.py", "tests/domain/test_steps_forms.py")
GENERATION = ("tests/domain/test_turn_generation.py", "tests/domain/test_turn.py")
RESOLUTION = ("tests/domain/test_prompt_resolution.py",)
HITS = ("tests/contract/test_store_no_hits.py", "tests/contract/test_store_hits.py")
SPENDING = ("tests/app/test_payers.py", "tests/app/test_spending.py")
GRADING = ("tests/domain/test_quiz_grading.py",)

MUTANTS = (
    # The cache tree
    Mutant(
        "tracking only with the very bytes shown (● lost races, prunes, takeovers)",
        "domain/cache_tree.py",
        "and node is not None and node.text == shown:",
        "and node is not None:",
        TREE,
    ),
    Mutant(
        "DIVERGED is absorbing",
        "domain/cache_tree.py",
        "if position.state is CacheState.TRACKING and node is not None",
        "if node is not None",
        TREE,
    ),
    Mutant(
        "a diverged session does not read the tree",
        "domain/cache_tree.py",
        "    if position.state is CacheState.DIVERGED:\n        return Alone",
        "    if False:\n        return Alone",
        TREE,
    ),
    Mutant(
        "a changed context is not served from the old tree",
        "domain/cache_tree.py",
        "    if use.changed:",
        "    if False:",
        TREE,
    ),
    Mutant(
        "a course's cache can be off",
        "domain/cache_tree.py",
        "    if use.off is not None:",
        "    if False:",
        TREE,
    ),
    Mutant(
        "no node lies deeper than 50",
        "domain/cache_tree.py",
        "    if found.depth > MAX_DEPTH:",
        "    if found.depth > MAX_DEPTH + 1:",
        TREE,
    ),
    Mutant(
        "no 65th sibling",
        "domain/cache_tree.py",
        "    if found.siblings >= MAX_SIBLINGS:",
        "    if found.siblings > MAX_SIBLINGS:",
        TREE,
    ),
    Mutant(
        "a node hangs under the session's own",
        "domain/cache_tree.py",
        "    return position.node_id\n\n\ndef settle",
        "    return ROOT\n\n\ndef settle",
        TREE,
    ),
    Mutant(
        "only a reply that the model ended is stored",
        "domain/cache_tree.py",
        "    return reason == END_TURN and has_parent",
        "    return has_parent",
        TREE,
    ),
    Mutant(
        "the leader is no hit",
        "domain/cache_tree.py",
        "(tracking and not led)",
        "tracking",
        TREE,
    ),
    Mutant(
        "the fingerprint covers the locale",
        "domain/context.py",
        "return hashlib.sha256(_encoder.encode(context)).digest()",
        "from msgspec import structs\n"
        '    return hashlib.sha256(_encoder.encode(structs.replace(context, locale=""))).digest()',
        ("tests/domain/test_context.py",),
    ),
    Mutant(
        "a personal variable is one",
        "domain/context.py",
        'frozenset({"user_name", "time_zone"})',
        'frozenset({"user_name"})',
        ("tests/domain/test_context.py", *TURNS),
    ),
    # Canonical forms
    Mutant(
        "the order of ticks does not matter",
        "domain/canonical.py",
        "for token in sorted(by_token))",
        "for token in by_token)",
        STEPS,
    ),
    Mutant(
        "grader of grader is grader",
        "domain/canonical.py",
        'normalize("NFKC", normalize("NFKC", text).casefold())',
        'normalize("NFKC", text).casefold()',
        GRADING,
    ),
    Mutant(
        "`1.0` is `1`",
        "domain/canonical.py",
        'text = text.rstrip("0").rstrip(".")',
        "pass",
        STEPS,
    ),
    Mutant(
        "extra keys make a message free",
        "domain/steps.py",
        'set(fields) != {"questionId", "answer"}',
        'not {"questionId", "answer"} <= set(fields)',
        STEPS,
    ),
    Mutant(
        "`Start.` greets only where nothing was said, or again",
        "domain/steps.py",
        "== GREETING_TEXT and (has_greeting or not has_turns)",
        "== GREETING_TEXT",
        STEPS,
    ),
    # Turn, generation, flight
    Mutant(
        "three tries and no more",
        "domain/turn.py",
        "self._tries >= self._limits.tries",
        "self._tries > self._limits.tries",
        GENERATION,
    ),
    Mutant(
        "tries end within twenty seconds",
        "domain/turn.py",
        "or spent + pause >= self._limits.tries_within",
        "or False",
        GENERATION,
    ),
    Mutant(
        "a failure after a piece is nobody's to repeat",
        "domain/turn.py",
        "        is_clean = not self._chunks\n",
        "        is_clean = True\n",
        GENERATION,
    ),
    Mutant(
        "a whole turn has 120 seconds",
        "domain/turn.py",
        "return min(whole, self._last_at + self._limits.silence)",
        "return self._last_at + self._limits.silence",
        GENERATION,
    ),
    Mutant(
        "an empty reply is a failure",
        "domain/turn.py",
        'if not "".join(self._chunks).strip():',
        "if False:",
        GENERATION,
    ),
    Mutant(
        "nothing follows the end of a turn",
        "domain/turn.py",
        "        if not self.is_over:\n            self.phase = Phase.STREAMING",
        "        if True:\n            self.phase = Phase.STREAMING",
        GENERATION,
    ),
    Mutant(
        "a replay has the stored pieces",
        "domain/replies.py",
        "chunks=tuple(len(chunk) for chunk in chunks)",
        "chunks=(sum(len(chunk) for chunk in chunks),)",
        ("tests/domain/test_replies.py",),
    ),
    Mutant(
        "one second lead, and no third",
        "adapters/memory/flights.py",
        "        if self._was_passed or self._chunks",
        "        if self._chunks",
        ("tests/contract/test_flights.py", *TURNS),
    ),
    Mutant(
        "● a flight can be joined until its node's transaction has ended",
        "app/generations.py",
        "        stored = await self._store_node(result, node)",
        "        flight._flights.unlist(flight)\n"
        "        stored = await self._store_node(result, node)",
        RACES,
    ),
    Mutant(
        "● whoever leads looks for the node once more",
        "app/generations.py",
        "            if there is not None:\n                return _landed_at",
        "            if False:\n                return _landed_at",
        RACES,
    ),
    Mutant(
        "● a turn that lost its lease writes nothing after its successor",
        "app/turn_writes.py",
        "turn is None or turn.id != asked.turn_id:",
        "turn is None:",
        RACES,
    ),
    Mutant(
        "● the stamp is that of the reading",
        "app/turn_claims.py",
        "            planned = await _planned(tx, session, step, scene, tree)",
        "            from msgspec import structs\n"
        "            from twosigma.domain.context import Stamp\n"
        "            one, two = await tx.epochs.read(session.course_id)\n"
        "            late = Stamp(platform=one, course=two, settings=self._contexts.settings)\n"
        "            asked = structs.replace(asked, scene=structs.replace(scene, stamp=late))\n"
        "            planned = await _planned(tx, session, step, scene, tree)",
        RACES,
    ),
    Mutant(
        "● a prune cannot come between a turn's look at its node and its writing",
        "app/turn_writes.py",
        "    if node is None or not await tx.cache.hold_tree(node.tree_id):\n        return None",
        "    if node is None:\n        return None",
        (
            "tests/contract/test_turns.py::"
            "test_a_prune_between_a_turns_look_at_its_node_and_its_writing",
        ),
    ),
    Mutant(
        "a lost answer to a commit is looked for before it is tried again",
        "app/turn_writes.py",
        "await self._commit(claimed, landed) or await self._stored(asked)",
        "await self._commit(claimed, landed)",
        RACES,
    ),
    Mutant(
        "● a hit does not slip into a running turn (SQLite)",
        "adapters/sql/hot_sqlite.py",
        "    AND (s.turn_status IS NOT 'running' OR s.turn_lease <= {SQLITE_SECONDS})\n",
        "",
        HITS,
    ),
    Mutant(
        "● a hit does not slip into a running turn (PostgreSQL)",
        "adapters/sql/hot_postgres.py",
        "        AND (s.turn_status IS DISTINCT FROM 'running'"
        " OR s.turn_lease <= {POSTGRES_SECONDS})\n",
        "",
        HITS,
    ),
    Mutant(
        "● a hit waits for no lock",
        "adapters/sql/hot_postgres.py",
        "FOR UPDATE SKIP LOCKED",
        "FOR UPDATE",
        ("tests/sql/test_races.py",),
    ),
    Mutant(
        "● ids never come back",
        "adapters/sql/migrations/columns.py",
        "sqlite_autoincrement=True",
        "sqlite_autoincrement=False",
        ("tests/contract/test_store_ids.py",),
    ),
    Mutant(
        "● a prune leaves no session on a tree that is gone",
        "adapters/sql/cache.py",
        "        await self._sql.run(_EVICT, of_tree=tree_id, now=now)\n",
        "",
        ("tests/contract/test_store_cache.py",),
    ),
    Mutant(
        "● context and epochs are read in one snapshot",
        "adapters/sql/engine.py",
        'isolation_level="REPEATABLE READ", postgresql_readonly=True',
        'isolation_level="READ COMMITTED", postgresql_readonly=True',
        ("tests/contract/test_store_transactions.py",),
    ),
    # Prompt resolution
    Mutant(
        "circles are refused",
        "domain/prompt_resolution.py",
        "        if child.name == self._root.name or any(",
        "        if False and any(",
        RESOLUTION,
    ),
    Mutant(
        "a chain holds five prompts",
        "domain/prompt_resolution.py",
        "        if chain > MAX_CHAIN:",
        "        if chain > MAX_CHAIN + 1:",
        RESOLUTION,
    ),
    Mutant(
        "inserted text is not scanned again",
        "domain/prompt_refs.py",
        "inserted[piece] for piece in pieces)",
        'inserted[piece] for piece in pieces_of("".join(inserted.get(p, p) for p in pieces)))',
        RESOLUTION,
    ),
    Mutant(
        "a variable's value is not scanned again",
        "domain/prompt_template.py",
        "    return _VARIABLE.sub(put, text)",
        "    return _VARIABLE.sub(put, _VARIABLE.sub(put, text))",
        ("tests/domain/test_prompt_template.py",),
    ),
    Mutant(
        "a context is remembered for its stamp alone",
        "app/context.py",
        "known = (item.item_id, locale, stamp)",
        'known = (item.item_id, locale, Stamp(platform=0, course=0, settings=""))',
        ("tests/app/test_chat_turns.py",),
    ),
    # Prompts written
    Mutant(
        "whoever depends on who depends is looked at",
        "domain/prompt_dependents.py",
        "        reached |= more\n",
        "        break\n",
        ("tests/domain/test_prompt_dependents.py",),
    ),
    Mutant(
        "a name that is made again is not new",
        "app/prompts_edit.py",
        "is_new_name=added.version == 1,",
        "is_new_name=len(await tx.prompts.heads(new.name)) == 1,",
        ("tests/app/test_prompts_edit.py",),
    ),
    Mutant(
        "what others depend on is not deleted",
        "app/prompts_remove.py",
        "    require_whole(await tx.prompts.all_versions(), {name})\n",
        "",
        ("tests/app/test_prompts_remove.py",),
    ),
    Mutant(
        "an edition of ours takes production from nobody else",
        "domain/tutor_prompts.py",
        "    if any(PRODUCTION in one.labels for one in ours):",
        "    if True:",
        ("tests/domain/test_tutor_prompts.py",),
    ),
    Mutant(
        "a name of which no version is ours is theirs",
        "domain/tutor_prompts.py",
        "    if not ours or any",
        "    if any",
        ("tests/domain/test_tutor_prompts.py",),
    ),
    Mutant(
        "all writes of prompts have one lock",
        "adapters/sql/prompts.py",
        "        if self._sql.is_postgres:\n            await self._sql.all(_LOCK)",
        "        return",
        ("tests/contract/test_prompt_races.py",),
    ),
    Mutant(
        "all prompts at once are taken out by platform admins only",
        "app/prompts_port.py",
        "        require(actor, Role.PLATFORM_ADMIN)\n        return",
        "        require(actor, Role.INSTRUCTOR)\n        return",
        ("tests/app/test_authorization.py",),
    ),
    Mutant(
        "prompts from elsewhere are brought in by platform admins only",
        "app/prompts_port.py",
        "        admin = require(actor, Role.PLATFORM_ADMIN)\n",
        "        admin = require(actor, Role.INSTRUCTOR)\n",
        ("tests/app/test_authorization.py",),
    ),
    Mutant(
        "a dry run leaves nothing",
        "app/prompts_port.py",
        "    if is_rehearsal:\n",
        "    if False:\n",
        ("tests/app/test_prompts_lines.py",),
    ),
    Mutant(
        "a version is in an import once",
        "domain/prompt_porting.py",
        '    faults += _repeats(incoming, lambda one: [f"version {one.new.version}"])\n',
        "",
        ("tests/domain/test_prompt_lines.py",),
    ),
    # Streaks
    Mutant(
        "a missed day starts again",
        "domain/streaks.py",
        "== _DAY or is_travel else 1",
        "== _DAY or is_travel else state.days",
        ("tests/domain/test_streaks.py",),
    ),
    Mutant(
        "an earlier local day changes nothing",
        "domain/streaks.py",
        "    if today <= last:",
        "    if today == last:",
        ("tests/domain/test_streaks.py",),
    ),
    Mutant(
        "a streak is shown as it stands today",
        "domain/streaks.py",
        "    return (state.days if is_alive else 0), state.last_date",
        "    return state.days, state.last_date",
        ("tests/domain/test_streaks.py",),
    ),
    # Progress
    Mutant(
        "what was reached is not lost",
        "domain/progress.py",
        "progress_percent=max(before.progress_percent, report.progress_percent),",
        "progress_percent=report.progress_percent,",
        ("tests/domain/test_progress.py",),
    ),
    Mutant(
        "the first completion stays",
        "domain/progress.py",
        "completed_at=before.completed_at or completed_at,",
        "completed_at=completed_at or before.completed_at,",
        ("tests/domain/test_progress.py",),
    ),
    Mutant(
        "what is archived does not count (databases)",
        "adapters/sql/live.py",
        "        .where(~content_items.c.is_archived, content_items.c.course_id.in_(course_ids))",
        "        .where(content_items.c.course_id.in_(course_ids))",
        ("tests/contract/test_store_completeness.py",),
    ),
    Mutant(
        "of two devices the higher value stays (PostgreSQL)",
        "adapters/sql/enrollments.py",
        "_LOCK = _FIND.with_for_update()",
        "_LOCK = _FIND",
        ("tests/contract/test_progress_races.py",),
    ),
    Mutant(
        "a course that somebody enrolls in is not deleted (PostgreSQL)",
        "adapters/sql/catalog.py",
        "_HOLD_COURSE = _COURSE.with_for_update(read=True)",
        "_HOLD_COURSE = _COURSE",
        ("tests/contract/test_course_races.py",),
    ),
    Mutant(
        "only staff open again what was completed",
        "domain/enrollments.py",
        "case EnrollmentStatus.COMPLETED, EnrollmentStatus.ACTIVE if not is_learner:",
        "case EnrollmentStatus.COMPLETED, EnrollmentStatus.ACTIVE:",
        ("tests/domain/test_enrollment_moves.py",),
    ),
    # Quizzes
    Mutant(
        "a tolerance is a tolerance",
        "domain/quiz_grading.py",
        "abs(value - Fraction(key)) <= slack",
        "abs(value - Fraction(key)) <= 0",
        GRADING,
    ),
    Mutant(
        "multiple is the exact set",
        "domain/quiz_grading.py",
        "    return fit(question, question.correct) == fitted\n\n\ndef points",
        "    right = fit(question, question.correct)\n"
        "    if isinstance(fitted, tuple) and isinstance(right, tuple):\n"
        "        return set(fitted) <= set(right)\n"
        "    return right == fitted\n\n\ndef points",
        GRADING,
    ),
    Mutant(
        "keys vanish in camel case too",
        "domain/quiz_reading.py",
        're.sub("[_-]", "", key).lower()',
        "key",
        ("tests/domain/test_quiz.py",),
    ),
    Mutant(
        "no hint holds the answer",
        "domain/quiz_hints.py",
        "    return is_there or _holds_numbers(loose, wanted)",
        "    return False",
        ("tests/domain/test_quiz_hints.py",),
    ),
    # Modules and content
    Mutant(
        "a module does not hang below itself",
        "domain/modules.py",
        "if any(parent.id in moved for parent in spot.path):",
        "if spot.path and spot.path[-1].id in moved and len(moved) == 1:",
        ("tests/domain/test_modules.py",),
    ),
    Mutant(
        "an order names every sibling once",
        "domain/ordering.py",
        "if sorted(ids) != sorted(live):",
        "if not set(ids) <= set(live):",
        ("tests/domain/test_ordering.py",),
    ),
    Mutant(
        "a revision rises with the value of the data",
        "domain/content_rules.py",
        "return structs.replace(after, revision=before.revision + 1)",
        "return after",
        ("tests/domain/test_content_rules.py",),
    ),
    Mutant(
        "what learners worked with is not removed",
        "app/course_edits.py",
        "if await tx.branches.has_learner_history(branch):",
        "if False:",
        ("tests/app/test_module_edits.py",),
    ),
    # Accounts
    Mutant(
        "a mailed link is good once",
        "domain/password_resets.py",
        "reset.ended_at is not None or ",
        "",
        ("tests/domain/test_password_resets.py",),
    ),
    Mutant(
        "three links are mailed an hour",
        "domain/password_resets.py",
        "for each in mailed) < MAX_MAILS",
        "for each in mailed) <= MAX_MAILS",
        ("tests/domain/test_password_resets.py",),
    ),
    Mutant(
        "asking for a link tells nothing",
        "app/password_resets.py",
        "        self._tasks.errand(lambda: self._send(address))",
        "        await self._send(address)",
        ("tests/app/test_password_resets.py",),
    ),
    Mutant(
        "who is erased gets no more rows",
        "app/feature_requests.py",
        "require_active(await tx.accounts.hold(actor.user_id))",
        "await tx.accounts.hold(actor.user_id)",
        ("tests/app/test_erasure.py",),
    ),
    Mutant(
        "a held account is not erased",
        "adapters/sql/accounts.py",
        "_HOLD = _GET.with_for_update(read=True)",
        "_HOLD = _GET",
        ("tests/contract/test_store_erasure.py",),
    ),
    Mutant(
        "a course keeps an owner",
        "adapters/sql/catalog.py",
        "    .order_by(courses.c.id)\n    .with_for_update(key_share=True)\n)",
        "    .order_by(courses.c.id)\n)",
        ("tests/contract/test_people_races.py",),
    ),
    # Bedrock, and what is kept encrypted
    Mutant(
        "a stream that ends without `messageStop` is no end",
        "adapters/bedrock/llm.py",
        "                        return\n        finally:",
        "                        return\n            yield End()\n        finally:",
        ("tests/adapters/test_bedrock.py",),
    ),
    Mutant(
        "a cancelled call is cut, not only left alone",
        "adapters/bedrock/line.py",
        "            self.is_cut = True\n            self._shut()",
        "            self.is_cut = True",
        ("tests/adapters/test_bedrock.py",),
    ),
    Mutant(
        "no more than 32 calls wait for a thread",
        "adapters/bedrock/threads.py",
        "self._waiting >= self._queue:",
        "self._waiting > self._queue + 99:",
        ("tests/adapters/test_bedrock.py",),
    ),
    Mutant(
        "unreadable credentials are not passed over for the environment's",
        "adapters/bedrock/llm.py",
        'raise ModelRefused("the stored AWS credentials cannot be read") from None',
        "return None",
        ("tests/adapters/test_bedrock.py",),
    ),
    Mutant(
        "a secret opens only in the row it was stored in",
        "domain/credentials.py",
        'Place("aws_credentials", column, credentials_id)',
        'Place("aws_credentials", column, "1")',
        ("tests/domain/test_credentials.py",),
    ),
    Mutant(
        "a rotation holds the row that it seals anew",
        "app/credentials.py",
        "            stored = await tx.credentials.lock()\n            if stored is None:\n",
        "            stored = await tx.credentials.get()\n            if stored is None:\n",
        ("tests/contract/test_credentials_races.py",),
    ),
    # Limits, keys, the audit log
    Mutant(
        "so many times in any window, and no more",
        "domain/rate_limits.py",
        "if len(kept) < limit.count:",
        "if len(kept) <= limit.count:",
        ("tests/domain/test_rate_limits.py",),
    ),
    Mutant(
        "a spent day is over",
        "domain/spending.py",
        "spent.total < budget",
        "spent.total <= budget",
        ("tests/domain/test_spending.py",),
    ),
    Mutant(
        "a count that came before a piece does not cover it",
        "domain/spending.py",
        "            self._told = None  #",
        "            pass  #",
        ("tests/domain/test_spending.py",),
    ),
    Mutant(
        "a call refused before its first piece took nothing",
        "domain/spending.py",
        "if self._was_refused and not self._said:",
        "if False:",
        ("tests/domain/test_spending.py",),
    ),
    Mutant(
        "a turn that needs the model meets the day's budget",
        "app/turn_claims.py",
        "        await self._spending.require(tx, asked.payer)\n",
        "",
        SPENDING,
    ),
    Mutant(
        "a call is paid by whoever led when it began",
        "app/generations.py",
        "self._payers[id(flight)][flight.lead]",
        "next(reversed(self._payers[id(flight)].values()))",
        SPENDING,
    ),
    Mutant(
        "a count that is late or lost costs no reply",
        "app/generations.py",
        "        except Exception as error:\n",
        "        except ModelRefused as error:\n",
        SPENDING,
    ),
    Mutant(
        "what is under way while an account is erased is not noted of it",
        "app/spending.py",
        "if user is not None and user.erased_at is None:",
        "if user is not None:",
        SPENDING,
    ),
    Mutant(
        "no learner is told what made a reply",
        "domain/message_meta.py",
        "    if message.meta.keys() <= TOLD:",
        "    if True:",
        ("tests/domain/test_message_meta.py",),
    ),
    Mutant(
        "of many who add, all is added (databases)",
        "adapters/sql/spending.py",
        "_spent.input + _ADD.excluded.input",
        "_ADD.excluded.input",
        ("tests/contract/test_store_spending.py",),
    ),
    Mutant(
        "a request with a key is done once",
        "app/once.py",
        "            if not await tx.repeats.use(mark.request, self._clock.now()):\n"
        "                raise Repeated",
        "            await tx.repeats.use(mark.request, self._clock.now())",
        ("tests/contract/test_once_races.py",),
    ),
    Mutant(
        "another's chat is not read unnoticed",
        "app/audit_log.py",
        "            await tx.audit.append(entry)\n",
        "",
        ("tests/app/test_audit_log.py",),
    ),
    Mutant(
        "what fewer than five said is not shown",
        "domain/cache_report.py",
        "learners >= MIN_LEARNERS",
        "learners >= 1",
        ("tests/domain/test_cache_report.py",),
    ),
    Mutant(
        "what was changed meanwhile is not overwritten",
        "adapters/http/etags.py",
        "etag_of(encoded(out(view))) not in wanted",
        "not wanted",
        ("tests/http/test_etags.py",),
    ),
    # Prompts from elsewhere
    Mutant(
        "a text that was resolved elsewhere is not stored as its author's",
        "domain/prompt_pull.py",
        "one.resolution_graph is None, at",
        "one is not None, at",
        ("tests/domain/test_prompt_pull.py",),
    ),
    Mutant(
        "what is written while it is read is read again",
        "adapters/langfuse/source.py",
        "if listing.get(name) == one[0]}",
        "if name in listing}",
        ("tests/adapters/test_langfuse.py",),
    ),
    Mutant(
        "keys follow no redirect",
        "adapters/langfuse/client.py",
        "follow_redirects=False",
        "follow_redirects=True",
        ("tests/adapters/test_langfuse.py",),
    ),
)
