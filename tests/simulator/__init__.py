"""Stand-ins for the servers Ouroboros talks to: Headscale's control API and GitHub's sign-in.

Nothing of Ouroboros' own code is used here, so that a mistake in it cannot hide itself.
"""
