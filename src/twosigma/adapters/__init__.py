"""Adapters: how the ports meet the world, and how the world meets the use cases."""
