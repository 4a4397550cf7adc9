"""Pictures: image and logo files read; logos, icons and picture messages sent."""
