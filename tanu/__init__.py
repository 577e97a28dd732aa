"""The only place that knows everything: settings, database, applications, commands."""
