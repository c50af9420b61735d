"""What is remembered: the bank (apsw and sqlite-vec), search in it, and the policy that says which cases are read."""
