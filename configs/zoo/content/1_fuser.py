# The full-size fuser learns the content loss from scratch.
_base_ = '../content-s/1_fuser.py'
model = dict(channels=(16, 32, 64, 96, 128))
