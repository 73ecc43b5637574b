"""What plain Schemathesis needs to work on the contract: hooks and a configuration.

`actor-runs schemathesis DIR` writes the configuration and the contract into a directory. `st run` and
`@schema.parametrize()` read both from there, and load `hooks` from the installed package.
"""
