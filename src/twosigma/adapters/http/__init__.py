"""The HTTP service: decode, call, encode."""
