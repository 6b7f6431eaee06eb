"""What the city knows: records, queries, search and importers.

This room imports nothing of the other rooms and nothing of Rasa. Importing the package itself is free of side
effects and of heavy dependencies: the sealed bot process (Python 3.10) uses ``knowledge.text`` and
``knowledge.search.encoder`` too.
"""
