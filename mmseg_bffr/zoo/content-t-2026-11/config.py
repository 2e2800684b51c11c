"""Written by tools/model_converters/publish.py."""

custom_imports = {'imports': ['mmseg_bffr']}
default_scope = 'mmseg'
model = {'type': 'TransFuser6',
 'data_preprocessor': {'type': 'SegDataPreProcessor',
                       'mean': [0.0],
                       'std': [255.0],
                       'pad_val': 0,
                       'seg_pad_val': 255,
                       'size': (128, 128)},
 'channels': (4, 8, 8, 16, 16),
 'heads': (4, 8, 8, 8)}
test_dataloader = {'dataset': {'type': 'PairDataset',
             'metainfo': {'classes': ('unlabeled', 'car', 'person', 'bike', 'curve', 'car_stop',
                                      'guardrail', 'color_cone', 'bump'),
                          'palette': [[0, 0, 0], [64, 0, 128], [64, 64, 0], [0, 128, 192],
                                      [0, 0, 192], [128, 128, 0], [64, 64, 128], [192, 128, 128],
                                      [192, 64, 0]]},
             'pipeline': [{'type': 'LoadPair'}, {'type': 'PackSegInputs'}]}}
