"""An optimizer's parameter groups by keys that do not hide one another."""

from mmengine.logging import print_log
from mmengine.optim import DefaultOptimWrapperConstructor
from mmseg.registry import OPTIM_WRAPPER_CONSTRUCTORS
from torch import nn


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class CombinedKeysConstructor(DefaultOptimWrapperConstructor):
    """mmengine's constructor, in which `lr_mult` and `decay_mult` are chosen one by one.

    Each is that of the longest of the `custom_keys` in a parameter's name that gives it; what none
    gives is as `norm_decay_mult` and the other rules of `paramwise_cfg` have it. In mmengine the
    longest key counts for both, and with any key no other rule does.
    """

    def add_params(self, params: list[dict], module: nn.Module, **_) -> None:
        """Append a group for each trained parameter of the model to `params`."""
        rules = {key: value for key, value in self.paramwise_cfg.items() if key != 'custom_keys'}
        cfg = dict(self.optim_wrapper_cfg, optimizer=self.optimizer_cfg)
        DefaultOptimWrapperConstructor(cfg, rules).add_params(params, module)
        custom_keys = self.paramwise_cfg.get('custom_keys', {})
        shortest_first = sorted(sorted(custom_keys, reverse=True), key=len)
        names = {parameter: name for name, parameter in module.named_parameters()}
        for group in params:
            (parameter,) = group['params']
            for key in shortest_first:
                if key in names[parameter]:
                    group.update(custom_keys[key])
            if 'lr_mult' in group:
                group['lr'] = self.base_lr * group['lr_mult']
            if 'decay_mult' in group:
                group['weight_decay'] = self.base_wd * group['decay_mult']
            told = ', '.join(f'{key}={value:g}' for key, value in group.items() if key != 'params')
            print_log(f'paramwise_options -- {names[parameter]}: {told}', 'current')
