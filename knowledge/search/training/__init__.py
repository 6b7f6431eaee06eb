"""Trains the search model from phrases and questions: ``python -m knowledge.search.training``.

Needs the development dependencies (scipy, scikit-learn). Everything it reads is in the repository.
"""
