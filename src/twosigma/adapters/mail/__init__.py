"""Mail: to the console, or to a server that delivers it."""
