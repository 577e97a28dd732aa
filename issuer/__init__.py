"""Decide and sign, in private: from an office's row to a published document."""
