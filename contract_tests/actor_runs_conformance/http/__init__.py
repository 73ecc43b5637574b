"""HTTP: requests, answers and connection failures, recorded as they happened."""
