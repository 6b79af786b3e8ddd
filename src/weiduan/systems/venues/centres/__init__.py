"""党群服务中心: how much of it is office, and which feature rooms it has."""
