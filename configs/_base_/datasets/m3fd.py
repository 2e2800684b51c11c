# M3FD: its pairs for detection are the training data, those for fusion the test.
_base_ = './unlabelled.py'
prefix = dict(img_path='Vis', ir_path='Ir')
train = dict(data_root='data/M3FD_Detection', data_prefix=prefix)
test = dict(data_root='data/M3FD_Fusion', data_prefix=prefix)
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=test)
test_dataloader = dict(dataset=test)
visual_dataloader = dict(dataset=test)
del prefix, train, test
