"""How far around a character words are looked for; apart, so that whoever needs the number loads nothing else."""

AROUND = 24  # characters kept on both sides of what is folded; no word of the lexicon is longer
