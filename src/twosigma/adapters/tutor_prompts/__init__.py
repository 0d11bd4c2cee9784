"""The tutor's prompts that come with 2Sigma, in the form of `twosigma prompts export`."""
