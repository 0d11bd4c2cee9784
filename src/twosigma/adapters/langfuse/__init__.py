"""Langfuse's public API as a place that prompts come from."""
