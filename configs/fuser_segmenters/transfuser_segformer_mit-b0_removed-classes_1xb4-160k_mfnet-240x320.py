# The paper's ablation: how classes are fused if segmentation is trained without them.
_base_ = './transfuser_segformer_mit-b0_preavgfuser6.py'
train_dataloader = dict(dataset=dict(removed_classes=('person', 'car')))
