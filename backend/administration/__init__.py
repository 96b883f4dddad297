"""Administration 管理: staff, offices, calendars, service items, and what is not well; every act in the journal."""
