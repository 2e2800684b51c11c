"""What the runtime, which knows no mmengine, has to say goes into the log of the experiment."""

import logging

from mmengine.logging import MMLogger


class _CurrentLog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        MMLogger.get_current_instance().handle(record)


_runtime = logging.getLogger('bffr_runtime')
_runtime.setLevel(logging.INFO)
_runtime.propagate = False
_runtime.addHandler(_CurrentLog())
