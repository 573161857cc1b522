"""What all three sites stand on: reading the environment, exact money, sealing secrets, the embedded broker.

No models and no words of banking live here; everything may import it, it imports nothing of the project.
"""
