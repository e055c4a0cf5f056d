"""领导信箱: letters, deadlines, notices, service tickets."""
