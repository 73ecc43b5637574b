"""Faulty and free clients: each is a small patch of one good client, written from the documents alone."""
