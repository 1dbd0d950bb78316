"""What waits for the person's own yes, and the secrets that come with it."""
