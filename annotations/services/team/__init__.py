"""The work of a team: assignments, the queue, due dates, progress, stale work, invitations."""
