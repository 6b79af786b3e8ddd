"""The one-screen (大屏): what stands on it, its map and its words."""
