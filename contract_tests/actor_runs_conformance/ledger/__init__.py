"""What is promised: the contract and the ledger, read once."""
