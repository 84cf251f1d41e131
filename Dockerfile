# Storywire in one image: every stage, and the weights of the embedding model.
#
#   docker build --tag storywire .
#   docker build --tag storywire --build-arg TORCH_INDEX=https://pypi.org/simple .
#
# The second where PyTorch's own index cannot be reached: PyPI's torch for Linux brings CUDA along, some 5 GB.

FROM python:3.11-slim-bookworm AS build

ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python -m venv --without-pip /opt/storywire

# torch alone (--no-deps) from that index: it has not all versions of the other packages that constraints.txt pins.
# They come from PyPI, with the rest. A torch without CUDA asks for no nvidia package, so those pins pull nothing in.
COPY pyproject.toml constraints.txt ./
RUN pip --python /opt/storywire/bin/python install --constraint constraints.txt --no-deps \
        --index-url "$TORCH_INDEX" torch \
    && python -c 'import tomllib; asked = tomllib.load(open("pyproject.toml", "rb")); \
        print(*asked["build-system"]["requires"], *asked["project"]["dependencies"], sep="\n")' > requirements.txt \
    && pip --python /opt/storywire/bin/python install --constraint constraints.txt --requirement requirements.txt

# Last, so that a change of ours repeats only this. .dockerignore says what is copied.
COPY . .
RUN pip --python /opt/storywire/bin/python install --no-deps --no-build-isolation .


FROM python:3.11-slim-bookworm

RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin storywire \
    && install --directory --owner storywire --group storywire /data
COPY --from=build /opt/storywire /opt/storywire

# pip compiled all modules. Nothing is written outside /data and /tmp.
ENV PATH=/opt/storywire/bin:$PATH PYTHONDONTWRITEBYTECODE=1

USER 10001:10001
WORKDIR /data

# The exec form: SIGTERM reaches the process itself, which commits and ends within 10 s.
ENTRYPOINT ["storywire"]
CMD ["run"]
