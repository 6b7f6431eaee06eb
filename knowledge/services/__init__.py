"""The city's catalogue of services: departments, places, offices, services and their revisions."""
