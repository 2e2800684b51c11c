# Trains, tests and exports; on GPUs with NVIDIA's container toolkit:
#   docker build -f train.Dockerfile -t bffr-train .
#   docker run --rm --gpus all --shm-size 8g -v "$PWD/data:/bffr/data" -v "$PWD/work_dirs:/bffr/work_dirs" bffr-train \
#       train configs/demo/transfuser_segformer_demo.py
FROM python:3.12-slim
WORKDIR /bffr
COPY setup.py pyproject.toml MANIFEST.in README.md LICENSE ./
COPY pretrain pretrain
COPY tools tools
COPY demo demo
COPY configs configs
COPY mmseg_bffr mmseg_bffr
COPY bffr bffr
# mmcv asks for an OpenCV that needs libGL; the headless build replaces it.
RUN pip install --no-cache-dir --editable '.[mmseg,pretrained,openvino,tensorboard]' && \
    pip install --no-cache-dir --force-reinstall --no-deps opencv-python-headless
ENTRYPOINT ["bffr"]
CMD ["--help"]
