"""``Diffusion``: the network with its noise: what it learns from, and how it draws."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from BaseNN.diffusion.noise_schedule import kept_shares
from BaseNN.diffusion.unet import Denoiser

GUIDANCE = 2.0
"""How much its class counts where a picture is drawn: 1 as it was learnt; more draws clearer ones, and more alike."""


class Noise(nn.Module):
    """Brings noise to pictures.

    Args:
        timestep: Steps from a picture to noise.
    """

    kept: Tensor

    def __init__(self, timestep: int) -> None:
        super().__init__()
        self.register_buffer("kept", torch.tensor(kept_shares(timestep), dtype=torch.float32), persistent=False)

    def shares(self, steps: Tensor) -> tuple[Tensor, Tensor]:
        """Return how much of the picture and how much of the noise there is after steps (N,), each (N, 1, 1, 1)."""
        kept = self.kept[steps][:, None, None, None]
        return kept.sqrt(), (1 - kept).sqrt()

    def forward(self, pictures: Tensor, steps: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return pictures with noise, and their velocity (Salimans & Ho 2022, appendix D).

        Args:
            pictures: (N, C, H, W) from 0 to 1.
            steps: (N,) from 1.
            noise: (N, C, H, W), normal.
        """
        clean = pictures * 2 - 1
        picture, rest = self.shares(steps)
        return picture * clean + rest * noise, picture * noise - rest * clean


class Diffusion(nn.Module):
    """A model that draws pictures out of noise (Ho et al. 2020).

    Its network tells the velocity, from which picture and noise both follow: it learns faster than from noise alone.

    Args:
        channels: Of the pictures.
        img_size: Their side, pixels.
        timestep: Steps from a picture to noise.
        dim: Of the network, see ``Denoiser``.
        patch: Likewise.
        classes: Likewise.
    """

    def __init__(self, channels: int, img_size: int, timestep: int, dim: int, patch: int, classes: int = 0) -> None:
        super().__init__()
        self.classes = classes
        self.channels, self.img_size, self.timestep = channels, img_size, timestep
        self.network, self.noise = Denoiser(channels, dim, patch, classes), Noise(timestep)

    def forward(self, noisy: Tensor, steps: Tensor, labels: Tensor | None = None) -> Tensor:
        """Tell the velocity of noisy pictures.

        Args:
            noisy: (N, C, H, W) as ``Noise`` makes them.
            steps: (N,) how many steps of noise they have had, from 1.
            labels: (N,) of what they show, ``classes`` where it is not told; None: nowhere.

        Returns:
            (N, C, H, W).
        """
        velocity: Tensor = self.network(noisy, steps, labels)
        return velocity

    @torch.no_grad()
    def draw(self, count: int) -> Iterator[Tensor]:
        """Draw pictures: yield noise, then what it is after every step back, (count, C, H, W) from 0 to 1.

        The last is the result (Ho et al. 2020, algorithm 2). torch's own random numbers are used. Where it knows
        classes it draws one after the other.
        """
        place = self.noise.kept.device
        noisy = torch.randn(count, self.channels, self.img_size, self.img_size).to(place)
        yield _as_pictures(noisy)
        for step in range(self.timestep, 0, -1):
            noisy = self._one_step_back(noisy, step)
            yield _as_pictures(noisy)

    def _guided(self, noisy: Tensor, steps: Tensor) -> Tensor:
        """Tell the velocity, more of what the class makes of it than is (Ho & Salimans 2022, algorithm 2)."""
        if not self.classes:
            velocity: Tensor = self(noisy, steps).float()
            return velocity
        labels = torch.arange(len(noisy), device=noisy.device) % self.classes
        both = torch.cat([labels, torch.full_like(labels, self.classes)])
        told, untold = self(torch.cat([noisy, noisy]), torch.cat([steps, steps]), both).float().chunk(2)
        guided: Tensor = untold + GUIDANCE * (told - untold)
        return guided

    def _one_step_back(self, noisy: Tensor, step: int) -> Tensor:
        steps = torch.full((len(noisy),), step, device=noisy.device)
        picture, rest = self.noise.shares(steps)
        clean = (picture * noisy - rest * self._guided(noisy, steps)).clamp(-1, 1)
        now, before = self.noise.kept[step], self.noise.kept[step - 1]
        added = 1 - now / before
        mean = before.sqrt() * added / (1 - now) * clean + (1 - added).sqrt() * (1 - before) / (1 - now) * noisy
        noise = torch.randn(noisy.shape).to(noisy.device) if step > 1 else 0.0
        back: Tensor = mean + ((1 - before) / (1 - now) * added).sqrt() * noise
        return back


def _as_pictures(values: Tensor) -> Tensor:
    return (values.clamp(-1, 1) + 1) / 2
