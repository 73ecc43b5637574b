"""Webhooks: rendered and delivered."""
