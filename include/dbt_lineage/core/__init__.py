"""What every room uses: settings, errors, times, processes. It imports nothing else of the package."""
