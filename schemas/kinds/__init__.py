"""The five kinds of document: what each states, and in which words."""
