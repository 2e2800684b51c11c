# From scratch, but for the fuser, which learns at a twentieth of the rate.
_base_ = './from_scratch_1k.py'
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys={
            'fuser': dict(lr_mult=0.05),
            # The longest key counts: without these, `fuser` would hide `norm`.
            **{
                f'{part}.norm': dict(lr_mult=0.05, decay_mult=0.0)
                for part in ('visible', 'infrared', 'embed.0', 'embed.1', 'gate.0', 'gate.1')
            },
        }
    )
)
