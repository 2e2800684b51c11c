import os
import runpy
from pathlib import Path

from setuptools import find_packages, setup

VERSION = Path(__file__).with_name('bffr_runtime') / 'version.py'

setup(
    name='bffr-runtime',
    version=runpy.run_path(str(VERSION))['__version__'],
    description='Reads, fuses and writes infrared-visible pairs, without torch',
    license='Apache-2.0',
    url=f'https://github.com/{os.environ.get("GITHUB_REPOSITORY", "mmseg-bffr/mmseg-bffr")}',
    classifiers=[
        'Development Status :: 4 - Beta',
        'Intended Audience :: Science/Research',
        'Operating System :: OS Independent',
        'Programming Language :: Python :: 3',
        'Topic :: Scientific/Engineering :: Image Processing',
        'Typing :: Typed',
    ],
    packages=find_packages(include=['bffr_runtime', 'bffr_runtime.*']),
    package_data={'bffr_runtime': ['py.typed']},
    entry_points={'console_scripts': ['bffr-runtime = bffr_runtime.__main__:main']},
    python_requires='>=3.10',
    install_requires=[
        'numpy>=2.0.1',
        'opencv-python>=4.10.0.84',
        'pillow>=10',
        'tqdm>=4.60',
    ],
    extras_require={
        'onnx': ['onnxruntime>=1.20'],
        'openvino': ['openvino>=2024.6'],
        'ray': ['ray[data]>=2.40', 'fsspec'],
    },
)
