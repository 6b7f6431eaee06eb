"""Understanding: training examples and Rasa graph components."""
