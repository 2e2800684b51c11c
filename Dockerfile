# Fuses, measures and aligns, without torch:
#   docker build -t bffr .
#   docker run --rm -u "$(id -u):$(id -g)" -v "$PWD:/data" bffr fuse --vis vis.png --ir ir.png --out fused.png
FROM python:3.12-slim
COPY setup.py pyproject.toml MANIFEST.in README.md LICENSE /source/
COPY configs /source/configs
COPY mmseg_bffr /source/mmseg_bffr
COPY bffr /source/bffr
RUN pip install --no-cache-dir '/source[openvino,hub]' && rm -r /source
ENV MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /data
ENTRYPOINT ["bffr"]
CMD ["--help"]
