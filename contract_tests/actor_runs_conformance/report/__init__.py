"""Reports: everything that people open, keep and compare, rendered from the one log.

    events.jsonl ─► build ─► model.Report ─► render ─► formats/, html/    a file each
    the events as they come ─► progress ─► terminal
    two or more kept reports ─► load ─► diff, table

What a target sent is hostile text everywhere here: each format escapes it in one place.
"""
