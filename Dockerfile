# docker build -t pose . && docker run --rm -v "$PWD:/work" pose --indir photos --outdir out --save_img
# With LibTorch (CUDA, TorchScript): --build-arg PACKAGES="pose pose-torch"
FROM debian:13 AS build
WORKDIR /src
COPY scripts/install_packages.sh scripts/
RUN scripts/install_packages.sh
COPY . .
RUN cmake --preset release && cmake --build --preset release --target package

FROM debian:13-slim
ARG PACKAGES="pose"
COPY --from=build /src/build/release/*.deb /tmp/
RUN apt-get update \
 && apt-get install -y --no-install-recommends $(for p in $PACKAGES; do echo /tmp/${p}_*.deb; done) \
 && rm -rf /tmp/*.deb /var/lib/apt/lists/*
WORKDIR /work
ENTRYPOINT ["pose"]
