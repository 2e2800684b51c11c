"""Written by `bffr publish`."""

custom_imports = {'imports': ['mmseg_bffr']}
default_scope = 'mmseg'
model = {'type': 'TransFuser6',
 'data_preprocessor': {'type': 'SegDataPreProcessor', 'mean': [0.0], 'std': [255.0]},
 'channels': (4, 8, 8, 16, 16),
 'heads': (4, 8, 8, 8)}
test_dataloader = {'dataset': {'type': 'PairDataset',
             'pipeline': [{'type': 'LoadPair'}, {'type': 'PackSegInputs'}]}}
