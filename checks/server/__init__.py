"""The weekly inspection of the server (contract 一(一)1): what is read, and when it is bad."""
