# The smallest fuser learns the content loss.
_base_ = './transfuser6-s_content.py'
model = dict(channels=(4, 8, 8, 16, 16), heads=(4, 8, 8, 8))
