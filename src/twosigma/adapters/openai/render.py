"""A tutor request as the messages of the chat completions protocol."""

from twosigma.domain.llm import TutorRequest
from twosigma.domain.rendering import alternating, conversation, system_prompt


def messages(request: TutorRequest) -> list[dict[str, str]]:
    """One system message, then user and assistant by turns, ending with the learner's message."""
    said = [("system", system_prompt(request)), *alternating(conversation(request))]
    return [{"role": role, "content": content} for role, content in said]
