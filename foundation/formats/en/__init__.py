"""English: the day first, as the pages of the app write it."""
