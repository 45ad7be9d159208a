"""What goes out over the wire: ``answers`` to questions, ``records`` of what is kept."""
