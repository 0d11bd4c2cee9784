"""The use cases: one class a feature, one method a use case (authorize, decide, write)."""
