"""Conversations and their scrubbed turns."""
