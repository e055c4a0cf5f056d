"""What every part knows: the site's description, its channels, front matter and working days."""
