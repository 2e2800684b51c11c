"""Written by `bffr publish`."""

custom_imports = {'imports': ['mmseg_bffr']}
default_scope = 'mmseg'
license = 'Apache-2.0; trained on MSRS and RoadScene, which name no licence: docs/licence.md'
model = {'type': 'FuserSegmenter',
 'data_preprocessor': {'type': 'SegDataPreProcessor', 'mean': [0.0], 'std': [255.0]},
 'backbone': {'type': 'MixVisionTransformer',
              'in_channels': 3,
              'embed_dims': 32,
              'num_stages': 4,
              'num_layers': [2, 2, 2, 2],
              'num_heads': [1, 2, 5, 8],
              'patch_sizes': [7, 3, 3, 3],
              'sr_ratios': [8, 4, 2, 1],
              'out_indices': (0, 1, 2, 3),
              'mlp_ratio': 4,
              'qkv_bias': True},
 'decode_head': {'type': 'SegformerHead',
                 'in_channels': [32, 64, 160, 256],
                 'in_index': [0, 1, 2, 3],
                 'channels': 256,
                 'num_classes': 9,
                 'norm_cfg': {'type': 'BN', 'requires_grad': True},
                 'align_corners': False},
 'test_cfg': {'mode': 'whole'},
 'fuser': {'type': 'TransFuser6', 'channels': (16, 32, 64, 96, 128)}}
test_dataloader = {'dataset': {'type': 'PairDataset',
             'pipeline': [{'type': 'LoadPair'}, {'type': 'PackSegInputs'}]}}
