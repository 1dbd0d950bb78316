"""What the model may command: one small class for each verb."""
