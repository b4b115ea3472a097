"""What we did: subjects, facts in one numbered and sealed chain, links, evidence, and the cursors of what follows."""
