from setuptools import find_packages, setup

setup(
    name='bffr-runtime',
    version='0.1.0',
    description='Reads, fuses and writes infrared-visible pairs, without torch',
    license='Apache-2.0',
    packages=find_packages(include=['bffr_runtime', 'bffr_runtime.*']),
    python_requires='>=3.10',
    install_requires=[
        'numpy>=2.0.1',
        'opencv-python>=4.10.0.84',
        'pillow>=10',
        'tqdm>=4.60',
    ],
    extras_require={'onnx': ['onnxruntime>=1.20'], 'openvino': ['openvino>=2024.6']},
)
