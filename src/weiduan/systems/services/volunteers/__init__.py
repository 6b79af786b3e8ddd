"""志愿服务: teams, shifts, and hours that belong to whoever gave them."""
