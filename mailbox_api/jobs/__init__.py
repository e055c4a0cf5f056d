"""What runs beside the web pages: sending, sweeping, publishing, keeping."""
