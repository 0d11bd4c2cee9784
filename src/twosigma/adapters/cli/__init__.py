"""The second way in: a command line over the same use cases, and a client of the HTTP API."""
