"""Measurements, each against the thing a user would pick instead, in one run.

``python -m bench`` measures speed and memory, ``python -m bench.evaluate`` how good the answers are.
"""
