"""A ROS 2 node: two image topics in, fused images and labels out; README.md has the use."""

import math
from array import array

import cv2
import numpy as np

import bffr
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import one_channel
from bffr.images.pair import read_pair
from bffr.images.stretch import SequenceRange, to_8_bit

ENCODINGS = {
    **dict.fromkeys(('mono8', '8UC1'), (np.uint8, 1)),
    **dict.fromkeys(('mono16', '16UC1'), (np.uint16, 1)),
    '32FC1': (np.float32, 1),
    **dict.fromkeys(('bgr8', 'rgb8', '8UC3'), (np.uint8, 3)),
    **dict.fromkeys(('bgra8', 'rgba8', '8UC4'), (np.uint8, 4)),
}
"""Of `sensor_msgs/Image`: type and number of channels."""

TO_BGR = {
    'rgb8': cv2.COLOR_RGB2BGR,
    'rgba8': cv2.COLOR_RGBA2BGR,
    **dict.fromkeys(('bgra8', '8UC4'), cv2.COLOR_BGRA2BGR),
}


def array_of(message) -> np.ndarray:
    """The image in a `sensor_msgs/Image`, (H, W) or BGR (H, W, 3), of the message's type.

    Raises:
        bffr.InputError: Its encoding is another, or it holds less than it says.
    """
    name = message.encoding
    if name not in ENCODINGS:
        raise bffr.InputError(
            f'encoding {name}: is not one of {", ".join(ENCODINGS)}; convert it, with image_proc.'
        )
    kind, channels = np.dtype(ENCODINGS[name][0]), ENCODINGS[name][1]
    try:
        rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
        pixels = np.ascontiguousarray(rows[:, : message.width * channels * kind.itemsize])
        ordered = pixels.view(kind.newbyteorder('>' if message.is_bigendian else '<'))
        image = ordered.astype(kind).reshape(message.height, message.width, channels)
    except ValueError:
        raise bffr.InputError(f'encoding {name}: the message holds less than it says.') from None
    if channels == 1:
        return image[..., 0]
    return cv2.cvtColor(image, TO_BGR[name]) if name in TO_BGR else image


def fill(message, image: np.ndarray, header):
    """Put an image, uint8 (H, W) or BGR (H, W, 3), into a `sensor_msgs/Image`; returns it."""
    message.header, message.encoding = header, 'mono8' if image.ndim == 2 else 'bgr8'
    message.height, message.width = image.shape[:2]
    message.step, message.is_bigendian = image[0].nbytes, 0
    message.data = array('B', image.tobytes())  # which rclpy takes as it is
    return message


class Fusing:
    """Fuses frame after frame at a steady brightness.

    Args:
        model: Name of a model, or a folder that `bffr export` wrote; '' means the default.
        engine: See `bffr.load`; '' means its default.
        rig: Rig file, or '' for cameras that are aligned.
        infrared_range: Raw values that become 0 and 255; two equal ones leave it to the model.
        black_hot: Whether the camera shows what is hot in black.

    Raises:
        bffr.InputError: As `bffr.load` and `bffr.Rig.read`.
    """

    def __init__(self, model='', engine='', rig='', infrared_range=(0.0, 0.0), black_hot=False):
        self.model = bffr.load(model or None, engine=engine or None)
        self.rig = bffr.Rig.read(rig) if rig else None
        known = None if math.isclose(*infrared_range) else tuple(infrared_range)
        told = bffr.InfraredScale(range=known, black_hot=black_hot)
        self.scale = FuseOptions(infrared=told).scale(self.model.infrared)
        self.stretch = SequenceRange()

    def __call__(self, visible, infrared, segment: bool) -> tuple[np.ndarray, np.ndarray | None]:
        """Fuse two messages: BGR (H, W, 3) on the visible image's grid, and labels (H, W) or None.

        Raises:
            bffr.InputError: As `array_of` and `bffr.Model.fuse`.
        """
        colour, grey = array_of(visible), one_channel('infrared', array_of(infrared))
        colour = colour if colour.ndim == 3 else cv2.cvtColor(colour, cv2.COLOR_GRAY2BGR)
        pair = read_pair(colour, grey, self.scale, self.rig)
        fused, labels = self.model.run(pair, segment)
        image = pair.complete(to_8_bit(fused, *self.stretch(fused)), self.rig)
        return image, pair.complete_labels(labels, self.rig) if segment else None


def main():
    """Run the node until Ctrl-C."""
    import message_filters
    import rclpy
    from rclpy.executors import ExternalShutdownException
    from rclpy.node import Node
    from rclpy.qos import QoSProfile, ReliabilityPolicy
    from sensor_msgs.msg import Image

    class FuseNode(Node):
        def __init__(self):
            super().__init__('bffr')
            names = dict(model='', engine='', rig='', infrared_range=[0.0, 0.0], black_hot=False)
            given = {name: self.declare_parameter(name, of).value for name, of in names.items()}
            slop = self.declare_parameter('slop', 0.05).value
            self.fuse = Fusing(**given)
            self.finds_labels = self.fuse.model.finds == 'labels'
            self.fused = self.create_publisher(Image, 'fused', 1)
            self.labels = self.create_publisher(Image, 'labels', 1)
            newest = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
            topics = [
                message_filters.Subscriber(self, Image, name, qos_profile=newest)
                for name in ('visible', 'infrared')
            ]
            self.pairs = message_filters.ApproximateTimeSynchronizer(topics, 10, slop)
            self.pairs.registerCallback(self.on_pair)

        def on_pair(self, visible, infrared):
            segment = self.finds_labels and self.labels.get_subscription_count() > 0
            try:
                image, labels = self.fuse(visible, infrared, segment)
            except bffr.InputError as error:
                self.get_logger().error(str(error), throttle_duration_sec=5.0)
                return
            self.fused.publish(fill(Image(), image, visible.header))
            if segment:
                self.labels.publish(fill(Image(), labels, visible.header))

    rclpy.init()
    try:
        rclpy.spin(FuseNode())
    except bffr.InputError as error:
        raise SystemExit(f'error: {error}') from None
    except (KeyboardInterrupt, ExternalShutdownException):
        pass


if __name__ == '__main__':
    main()
