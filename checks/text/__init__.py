"""Texts with the places they come from: Markdown, HTML and attachments become blocks."""
