"""The structure wing: a contract and all that follows from it: data, lint, training, writing, checking."""
