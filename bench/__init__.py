"""Measurements, each against the thing a user would pick instead, in one run: ``bench`` speed, ``bench.evaluate`` quality."""
