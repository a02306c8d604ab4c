variable "docker_repository" {}

source "docker" "box" {
  image  = "debian:13"
  commit = true
}

build {
  sources = ["source.docker.box"]
  post-processors {
    post-processor "docker-tag" {
      repository = var.docker_repository
      tags       = ["13"]
    }
    post-processor "docker-push" {}
  }
}
