"""What people see and change about themselves."""
