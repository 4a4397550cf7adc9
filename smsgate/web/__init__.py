"""The pages of the simulator and of the gateway, and the studio; all they need is shipped here."""
