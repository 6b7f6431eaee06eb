"""What the assistant does: one module a topic. Thin: read the slots, ask knowledge, name the wording and its facts."""
