"""Switch the lineage on and off, resend what ran meanwhile, and remove everything that the lineage made."""
