# The smallest fuser learns the content loss.
_base_ = './transfuser-s_content_1xb4-2k5_msrs-roadscene-128x128.py'
model = dict(channels=(4, 8, 8, 16, 16), heads=(4, 8, 8, 8))
