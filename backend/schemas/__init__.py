"""The shapes that come in and go out, shared by the API and the pages."""
