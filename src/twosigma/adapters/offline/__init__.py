"""A tutor without a network: it teaches from the item's own text, questions and hints."""
