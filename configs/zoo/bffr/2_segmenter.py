# The middle phase: a segmenter from ImageNet weights learns on the images of the warm start.
_base_ = '../content-s/2_segmenter.py'
