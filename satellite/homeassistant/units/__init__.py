"""Conversions of colours, units and percentages, with the rounding of Home Assistant."""
