"""What texts say: names made harmless, word lists, digits, secrets masked."""
