"""What may be read: institutions, connections to them, their accounts, consent, and the chatter about it all."""
