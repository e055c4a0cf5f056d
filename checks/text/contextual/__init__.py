"""Wrong characters seen from their context, with a model counted from official text alone.

alphabet → counts → likelihood      what official text looks like
confusions → proposals → features   what a character may have been meant to be, and what speaks for it
trees → checker                     how sure we are
training                            how all of it is made (`portal lexicon train`)
"""
