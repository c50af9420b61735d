"""Language models and embedders, each in a process of its own."""
