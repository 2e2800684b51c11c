"""Written by `bffr publish`."""

custom_imports = {'imports': ['mmseg_bffr']}
default_scope = 'mmseg'
license = 'Apache-2.0; trained on MSRS, RoadScene and ImageNet, see docs/licence.md for their terms'
model = {'type': 'FuserSegmenter',
 'data_preprocessor': {'type': 'SegDataPreProcessor', 'mean': [0.0], 'std': [255.0]},
 'backbone': {'type': 'ImageNetBackbone',
              'model_name': 'efficientnet_lite0',
              'out_indices': (1, 2, 3, 4),
              'mean': (0.4980392156862745, 0.4980392156862745, 0.4980392156862745),
              'std': (0.5019607843137255, 0.5019607843137255, 0.5019607843137255),
              'bn_eps': 0.001},
 'decode_head': {'type': 'SegformerHead',
                 'in_channels': [24, 40, 112, 320],
                 'in_index': [0, 1, 2, 3],
                 'channels': 128,
                 'num_classes': 9,
                 'norm_cfg': {'type': 'BN', 'requires_grad': True},
                 'align_corners': False},
 'test_cfg': {'mode': 'whole'},
 'fuser': {'type': 'TransFuser', 'channels': (8, 16, 32, 48, 64)}}
test_dataloader = {'dataset': {'type': 'PairDataset',
             'pipeline': [{'type': 'LoadPair'}, {'type': 'PackSegInputs'}]}}
