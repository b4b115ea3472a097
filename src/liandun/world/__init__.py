"""A seeded world of people, cards, phones, shops and fraud, for demo, tests and benchmarks."""
