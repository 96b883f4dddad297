"""Administration over JSON: behind the guard ``administrator``, within the administrator's own region."""
