"""Search: an index of every article in SQLite FTS5, part of each release, and the pages that ask it.

`folding` makes one spelling of text, `documents` reads articles, `index` keeps the database, `thesaurus` knows
which words mean the same, `query` asks, `counts` remembers what was asked without remembering who, `pages`
answers citizens and programs.
"""
