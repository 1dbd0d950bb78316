"""Executes plans: publishes each command once and waits until the device reports its new state."""
