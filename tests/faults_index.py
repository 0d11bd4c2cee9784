"""The rows of faults that this project answers for: a test whose name carries the number
(`test_f07_…`), or the issue that will bring what the row is about.

`tests/architecture/test_faults.py` fails when a row of finished work has no test.
"""

ROWS = (
    *range(1, 26), *range(30, 43), *range(50, 58), *range(60, 74), *range(80, 93),
    *range(100, 112), *range(120, 128),
)  # fmt: skip
"""Input, authentication, authorization, races, the model, process and time, secrets and edges."""

LATER: dict[int, str] = {}
