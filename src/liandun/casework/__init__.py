"""What came in and what became of it: cases of every kind, their flows and clocks."""
