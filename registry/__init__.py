"""What has been published: issuers, documents, their states. Public and append-only; need not be trusted."""
