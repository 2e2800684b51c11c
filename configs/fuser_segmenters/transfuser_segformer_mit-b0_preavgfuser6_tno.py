# Tests on TNO: pairs without labels, at native size.
_base_ = './transfuser_segformer_mit-b0_preavgfuser6.py'
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='FusionDataset',
        data_root='data/tno',
        data_prefix=dict(img_path='vis', ir_path='ir'),
        pipeline=[dict(type='LoadPair'), dict(type='PackSegInputs')],
        test_mode=True,
    )
)
test_evaluator = []
