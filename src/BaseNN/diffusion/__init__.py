"""The diffusion model: how pictures become noise and come back; its network."""
