"""The loop: planner, executor, prompts, events, budgets, rewards. Knows its neighbours only through agent/ports.py."""
