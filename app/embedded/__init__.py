"""Real servers from wheels and the supervisor around them: what ``make run`` and the tests stand on.

Production images leave the wheels out. ``supervisor.run`` is behind ``portico dev``; ``environment.complete`` lets
every other command find what it started.
"""
