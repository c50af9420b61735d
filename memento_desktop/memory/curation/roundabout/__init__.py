"""Roundabout sentences said plainly, as the templates read them. What no rule knows is left."""
