{
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.docker = nixpkgs.legacyPackages.x86_64-linux.dockerTools.buildLayeredImage {
      name = "ghcr.io/acme/widget";
      tag = "latest";
    };
  };
}
