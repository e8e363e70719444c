"""What is done to records: adding incidents, and correcting, confirming, retracting and merging."""
