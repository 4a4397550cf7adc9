"""What happens in a gateway, for those who watch it: figures for Prometheus, structured logs."""
