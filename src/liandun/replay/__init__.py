"""What was decided and would have been: journal, day files, DuckDB back-end, back-test."""
