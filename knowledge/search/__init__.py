"""Finding the record a question is about: phrases, ranks, and the decision to answer, suggest or refuse."""
