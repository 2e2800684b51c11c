"""Which pairs the papers test on, by the names of their authors' files."""

_ROADSCENE = """
00211 00977 01130 04269 04424 04484 04512 04593 04688 04722 04943 05005 05064 05105 05857 05879
05893 05914 05955 06282 06325 06392 06430 06506 06570 06795 06974 06993 06995 07190 07206 07209
07555 07732 07786 07809 07968 07970 08021 08058 08094 08202 08248 08284 08526 08592 08721 08858
09465 video_02829
"""
_VIFB = """
carLight carShadow carWhite elecbike fight kettle labMan man manCall manCar manWalking manlight
manwithbag nightCar peopleShadow running snow tricycle walking walking2 walkingnight
"""

STANDARD_SPLITS = {
    'tno42': [f'{number:02}' for number in range(1, 43)],
    'tno25': [f'{number:02}' for number in range(1, 26)],
    'roadscene50': [f'FLIR_{name}' for name in _ROADSCENE.split()],
    'vifb21': _VIFB.split(),
}

NUMBERED_BY = {
    'tno42': 'L. Tang et al. (Image-Fusion, SeAFusion); CDDFuse gives these numbers to other pairs',
    'tno25': 'Z. Zhao et al. (CDDFuse); L. Tang et al. give these numbers to other pairs',
    'roadscene50': 'Z. Zhao et al. (CDDFuse, EMMA)',
    'vifb21': 'X. Zhang et al.; their peopleshadow.jpg of VI needs the name of its infrared image',
}
"""Whose names they are, said wherever a split is taken."""
