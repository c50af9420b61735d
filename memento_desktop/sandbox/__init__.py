"""The wall around model-written code and untrusted documents."""
