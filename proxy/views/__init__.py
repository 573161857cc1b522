"""What can be asked of the proxy: the verbs of ``/v1``, the page a bank sends the browser to, and its health."""
