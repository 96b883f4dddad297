"""Service items as versioned data: guide, form, materials, workflow; regions and their offices."""
