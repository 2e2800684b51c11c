from pathlib import Path

from setuptools import find_packages, setup

TEST = ['pytest>=8', 'hypothesis>=6', 'pillow>=10', 'scikit-image>=0.24', 'yapf>=0.40']
ONNX = ['onnx>=1.17', 'onnxscript>=0.5']

setup(
    name='mmseg-bffr',
    version='0.1.0',
    description='Infrared-visible image fusion taught by semantic segmentation (arXiv 2211.12286)',
    long_description=Path(__file__).with_name('README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=find_packages(include=['mmseg_bffr', 'mmseg_bffr.*']),
    package_data={'mmseg_bffr': ['zoo/models.json', 'zoo/*/*']},
    python_requires='>=3.10',
    install_requires=[
        'bffr-runtime',  # in runtime/
        'torch>=2.6',
        'torchvision>=0.21',
        'onedl-mmengine>=0.10.12',
        'onedl-mmcv>=2.3',
        'onedl-mmsegmentation>=1.4',
        'numpy>=2.0.1',
        'opencv-python>=4.10.0.84',
        'matplotlib>=3.8.4',
        'tqdm>=4.60',
        'piq>=0.8',
        'prettytable>=3.12',
        'scipy>=1.13',
    ],
    extras_require={
        'test': TEST,
        'dev': [*TEST, 'ruff>=0.8'],
        'tensorboard': ['tensorboard'],
        'onnx': ['bffr-runtime[onnx]', *ONNX],
        'openvino': ['bffr-runtime[openvino]', 'openvino>=2024.6', *ONNX],
    },
)
