"""The command ``satellite``: one module for each of its commands."""
