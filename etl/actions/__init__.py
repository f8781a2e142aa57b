"""What may be done: one small module a family of actions, all of them in `catalogue`."""
