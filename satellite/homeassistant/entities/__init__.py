"""One entity: who it is, whether it can be reached, what its messages and its calls do."""
