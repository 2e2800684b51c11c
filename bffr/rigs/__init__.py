"""How to move infrared images onto visible ones: from points, a board or edges."""
