# The signer as an image: docker compose -f docker-compose.cluster.yml build
# Microsoft ships no Debian images for .NET 10; Ubuntu 24.04 has the same packages under the same names.

FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
WORKDIR /source
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props global.json BannedSymbols.txt .editorconfig ./
COPY hocon/ hocon/
COPY src/ src/
RUN dotnet publish src/SignerCluster.Host/SignerCluster.Host.csproj --configuration Release --output /program -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libsecp256k1-1 libsqlite3-0 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /program /opt/signer
# The runtime's diagnostics would want a writable place and let others of the same user look into the process.
ENV DOTNET_EnableDiagnostics=0
# A node lives long enough for code that is compiled again by its profile to pay.
ENV DOTNET_TieredPGO=1
# The user `app` of the base image, by its number, so that it can be seen to be nobody's root.
USER 1654:1654
ENTRYPOINT ["dotnet", "/opt/signer/signer.dll"]
CMD ["--help"]
