"""The dialogue: domain, rules, stories, and the channel that the gateway talks to. Runs on Rasa only."""
