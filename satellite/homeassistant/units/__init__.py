"""Colours, units and percentages: from the scales of people to those of devices, and back."""
