"""The ends of documents, in private: who may enter and confirm them, what is proposed, cases, notices, flags."""
