"""What the repository needs and the platform does not: generators of committed files (`make docs`), and the lock."""
