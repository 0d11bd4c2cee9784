"""Courses in the formats of others, read into the neutral shapes of `twosigma.domain.imports`."""
