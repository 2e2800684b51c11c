# The paper's ablation: what fusion does for classes that segmentation is not asked for.
_base_ = './transfuser_segformer_mit-b0_preavgfuser6.py'
train_dataloader = dict(dataset=dict(removed_classes=('person', 'car')))
