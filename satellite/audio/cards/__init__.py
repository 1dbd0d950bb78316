"""Sound cards by name: which one a person means, at which rate it is opened, who holds it."""
