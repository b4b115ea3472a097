"""The case spine: cases, their flows, and the clocks that run on them."""
