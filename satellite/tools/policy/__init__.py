"""What the model may see and do, by the person's settings."""
