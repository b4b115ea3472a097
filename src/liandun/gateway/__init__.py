"""The hot path: HTTP in, micro-batch, journal, engine, reply."""
