"""What opens files of strangers. Runs only in the short-lived process of ``documents.sandbox``."""
