"""Search: an index of every article in SQLite FTS5, part of each release, and the pages that ask it.

`folding` makes one spelling of text, `documents` reads articles, `tables` is what the database keeps of them,
`index` brings it up to date, `thesaurus` knows which words mean the same, `query` asks, with `lines` for titles
and names, `counts` remembers what was asked without remembering who, `pages` answers citizens and programs.
"""
