"""What citizens and clerks can do; each action is one function that commits once."""
