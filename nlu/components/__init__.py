"""Suiwen's own graph components for Rasa's pipeline."""
