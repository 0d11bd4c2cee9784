"""The service over HTTP."""  # noqa: A005 -- a package of tests is imported as tests.http
