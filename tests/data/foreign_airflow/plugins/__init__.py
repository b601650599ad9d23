"""The plugins of this project are a package."""
