"""Who: the dated tree of organisations, people and their posts, who answers for what, and what an account may see."""
