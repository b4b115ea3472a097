"""Says what to decide and what to do: reads, checks and compiles packs; the shipped ones are data."""
