"""The subcommands of `actor-runs`, one module each with `main(arguments) -> exit code`."""
