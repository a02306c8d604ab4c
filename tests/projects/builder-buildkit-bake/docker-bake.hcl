variable "REGISTRY" {
  default = "ghcr.io/acme"
}

group "release" {
  targets = ["widget"]
}

target "widget" {
  context    = "."
  dockerfile = "build/Dockerfile"
  platforms  = ["linux/amd64", "linux/arm64"]
  tags       = ["${REGISTRY}/widget:latest"]
}
