"""The whole way from pairs of 8-bit images to fused images and labels, as one module."""

import torch
from mmseg.models.segmentors import EncoderDecoder
from torch import Tensor, nn


class PairToImage(nn.Module):
    """What a model's engine computes of a batch, see `bffr.models.engine.Engine`.

    Attributes:
        batched: That it takes any number of pairs.
        outputs: Names of what it returns.
        defaults: Name -> value of the inputs after the images, which need not be given.
        on_demand: Name of an output that takes time -> whether it is computed by default.

    Args:
        model: A fuser or a joint model, in float32 or float16.
        segments: Whether to return labels, too, of whole images at their own size.
        quantised: Whether it will be quantised, which branches and tiles do not allow.
    """

    def __init__(self, model: nn.Module, segments: bool, quantised: bool = False):
        super().__init__()
        self.model = model
        self.segments = segments
        self.fuser = getattr(model, 'fuser', model)
        pair, nowhere = torch.zeros(1, 4, 16, 16), torch.zeros(4, dtype=torch.int64)
        sums = self.fuser.sums(pair.to(next(model.parameters()).dtype), nowhere)
        self.defaults = dict(known_sums=torch.full_like(sums, torch.nan), inside=nowhere)
        if quantised or not sums.numel():
            self.defaults = {}
        self.on_demand = {} if quantised else dict(labels=True, sums=False)
        self.batched = True
        self.outputs = ['fused', *['labels'] * segments, *['sums'] * bool(self.defaults)]

    def forward(
        self,
        visible: Tensor,
        infrared: Tensor,
        known_sums: Tensor | None = None,
        inside: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        """Fuse a batch.

        Args:
            visible: uint8 (N, H, W, 3), B, G, R.
            infrared: uint8 (N, H, W).
            known_sums: Of the image that this is a tile of, float32 (1, S); NaN if it is none.
            inside: The part to sum over, see `BaseFuser.sums`.

        Returns:
            tuple: The fused images, float32 (N, H, W, 3), B, G, R, nominally in 0..1; with
            `segments` the labels, uint8 (N, H, W); with `inside` the sums, float32 (N, S).
        """
        pairs = torch.cat([visible.permute(0, 3, 1, 2), infrared.unsqueeze(1)], dim=1)
        preprocessor = self.model.data_preprocessor
        inputs = (pairs.float() - preprocessor.mean) / preprocessor.std
        inputs = inputs.to(next(self.model.parameters()).dtype)
        fused = self.fuser.fuse(inputs, *[known_sums] * (known_sums is not None))
        results = [fused.float().permute(0, 2, 3, 1)]
        if self.segments:
            results.append(self._labels(fused).to(torch.uint8))
        if inside is not None:
            results.append(self.fuser.sums(inputs, inside))
        return tuple(results)

    def _labels(self, fused: Tensor) -> Tensor:
        """As mmsegmentation's `encode_decode` and `postprocess_result` have them."""
        features = EncoderDecoder.extract_feat(self.model, fused)
        shape = [dict(img_shape=fused.shape[2:])]
        logits = self.model.decode_head.predict(features, shape, self.model.test_cfg)
        if self.model.out_channels > 1:
            return logits.argmax(dim=1)
        return logits.sigmoid()[:, 0] > self.model.decode_head.threshold
