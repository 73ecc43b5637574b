"""What a test may do with a server under `/__admin`: reset, runs in any state, faults, journal, clock."""
