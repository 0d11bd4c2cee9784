"""Langfuse's public API for prompts, as its SDKs speak it: other names, keys and errors, over the
same use cases."""
