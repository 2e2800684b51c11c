"""How two cameras stand to one another: from points, a board or edges."""
