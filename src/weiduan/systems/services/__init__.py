"""Services: meetings, activities, functions of rooms, projects, volunteers, wishes, rounds; and what residents say of them."""
