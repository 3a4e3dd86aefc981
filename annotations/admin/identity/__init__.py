"""Single sign-on, the second factor, and the page of one's own account."""
