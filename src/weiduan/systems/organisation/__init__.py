"""1+N组织体系: organisations, members, appointments, coverage."""
