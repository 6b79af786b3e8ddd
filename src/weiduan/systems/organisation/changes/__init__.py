"""组织设置: organisations set up, split, merged, dissolved and elected anew, each with its superior's word."""
