"""Everything that can be done with runs. Nothing here knows HTTP except the types of errors."""
