# Half the channels: a quarter of the work.
_base_ = './transfuser.py'
model = dict(channels=(8, 16, 32, 48, 64))
