"""The institution's own register (Regulation 5.5), for its office alone: what was issued, handed over and ended."""
