"""Is the lineage right, is it fresh, and is every part well?"""
