"""Tells people and systems: what a notice looks like on each channel, and what the channel answered."""
