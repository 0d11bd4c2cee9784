"""Passwords, tokens, randomness."""
