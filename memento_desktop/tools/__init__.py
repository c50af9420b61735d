"""What the executor may do, one file a tool; permissions and taint."""
