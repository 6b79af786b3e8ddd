"""服务项目: from what a unit needs to an account everyone can read."""
