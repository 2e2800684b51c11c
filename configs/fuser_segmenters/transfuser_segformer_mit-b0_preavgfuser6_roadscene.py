# Tests on RoadScene: pairs without labels, at native size.
_base_ = './transfuser_segformer_mit-b0_preavgfuser6_tno.py'
test_dataloader = dict(dataset=dict(data_root='data/roadscene'))
