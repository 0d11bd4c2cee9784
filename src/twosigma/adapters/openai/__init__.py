"""A tutor model behind any server that speaks the OpenAI chat completions protocol."""
