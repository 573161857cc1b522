"""What leaves the books can be read again, fact by fact."""
