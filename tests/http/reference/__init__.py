"""The API reference, as tests: each example sent as it stands there gets the answer shown there.

A file a group, in the reference's order: authentication, users, courses, enrollments, modules,
content, progress, chat (with its cache), prompts, feature requests, admin, error responses.
`campus` is the installation that the examples are told of, `operations` the list of what the
reference names, `shown` the comparison: what is shown has to be there, more may be.
"""
