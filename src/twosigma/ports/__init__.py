"""What the use cases need from outside: Protocols only, no code."""
