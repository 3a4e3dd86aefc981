"""The pages of rights: the terms of articles and corpora, takedowns, and protected actors."""
