# The paper's warm start of the small fuser: it imitates the average image.
_base_ = '../content-s/1_fuser.py'
model = dict(loss=dict(_delete_=True, type='AverageFusionLoss'))
