"""What a document is: its fields, its words, its canonical bytes. Pure; knows nothing of keys, stores or HTTP."""
