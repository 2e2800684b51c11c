"""Written by `bffr publish`."""

custom_imports = {'imports': ['mmseg_bffr']}
default_scope = 'mmseg'
license = 'Apache-2.0; trained on MSRS and RoadScene, which name no licence: docs/licence.md'
model = {'type': 'TransFuser6',
 'data_preprocessor': {'type': 'SegDataPreProcessor', 'mean': [0.0], 'std': [255.0]},
 'channels': (4, 8, 8, 16, 16),
 'heads': (4, 8, 8, 8)}
test_dataloader = {'dataset': {'type': 'PairDataset',
             'pipeline': [{'type': 'LoadPair'}, {'type': 'PackSegInputs'}]}}
