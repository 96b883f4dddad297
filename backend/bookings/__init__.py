"""Bookings 预约 of the free pre-pregnancy checkup: stations, slots, couples, the wait-list and the day itself."""
