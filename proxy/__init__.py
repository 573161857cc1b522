"""The proxy: holds the provider contracts and the tokens, and answers its clients in one neutral vocabulary."""
