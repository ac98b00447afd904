"""Words to meaning: one file for each kind of statement, each of pure functions over one stream of tokens."""
