"""Written by `bffr publish`."""

custom_imports = {'imports': ['mmseg_bffr']}
default_scope = 'mmseg'
license = 'Apache-2.0; trained on MSRS and RoadScene, which name no licence: docs/licence.md'
model = {'type': 'BlockFuser',
 'data_preprocessor': {'type': 'SegDataPreProcessor', 'mean': [0.0], 'std': [255.0]}}
test_dataloader = {'dataset': {'type': 'PairDataset',
             'pipeline': [{'type': 'LoadPair'}, {'type': 'PackSegInputs'}]}}
