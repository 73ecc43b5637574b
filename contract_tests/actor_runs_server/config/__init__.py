"""The configuration: users, Actors, tasks and webhooks."""
