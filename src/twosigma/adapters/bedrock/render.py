"""A tutor request as the arguments of Converse, and the events of its stream as pieces."""

from collections.abc import Iterator, Mapping
from typing import Any

from twosigma.adapters.bedrock.failures import Malformed
from twosigma.domain.llm import Delta, End, Piece, TutorRequest, counted
from twosigma.domain.rendering import alternating, conversation, system_prompt

# Our names of parameters, and Converse's.
_INFERENCE = {"temperature": "temperature", "max_tokens": "maxTokens"}


def arguments(request: TutorRequest) -> dict[str, Any]:
    """What `converse_stream` is called with. Converse refuses blank texts, and messages of one
    role in a row."""
    said = alternating(turn for turn in conversation(request) if turn[1].strip())
    parameters = request.context.parameters
    made: dict[str, Any] = {
        "modelId": request.context.model,
        "messages": [{"role": role, "content": [{"text": text}]} for role, text in said],
        "inferenceConfig": {_INFERENCE[name]: value for name, value in parameters.items()},
    }
    system = system_prompt(request)
    if system:
        made["system"] = [{"text": system}]
    return made


def pieces_of(event: Mapping[str, Any]) -> Iterator[Piece]:
    """What an event says of the reply, if anything. Raises Malformed: botocore gives an event
    whose JSON it cannot read without its members."""
    if "contentBlockDelta" in event:
        delta = event["contentBlockDelta"].get("delta")
        if delta is None:
            raise Malformed
        # Beside texts there are tool calls, reasoning and citations, which no learner is shown.
        if delta.get("text"):
            yield Delta(delta["text"])
    if "messageStop" in event:
        reason = event["messageStop"].get("stopReason")
        if not reason:
            raise Malformed
        yield End(reason)
    if "metadata" in event:
        counts = event["metadata"].get("usage") or {}
        yield from counted(counts.get("inputTokens"), counts.get("outputTokens"))
