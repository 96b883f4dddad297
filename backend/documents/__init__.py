"""Materials that people hand in: cleaned, encrypted, kept, shown with a watermark, destroyed in time."""
