"""The functions of the model: one small class for each verb, and the two that only read."""
