"""One entity: its names, availability, state, messages and service calls."""
