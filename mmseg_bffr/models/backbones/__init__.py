from .imagenet_backbone import ImageNetBackbone
