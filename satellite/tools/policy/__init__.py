"""What the model may see and do, decided by the person's settings."""
