"""For development alone: nothing here is registered anywhere else."""
