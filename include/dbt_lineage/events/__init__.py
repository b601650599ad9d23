"""The lineage itself: events, the graph they should make, and sending them."""
